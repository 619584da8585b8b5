// sysupdate features [FEATURE], components: what can be chosen.
import type { ComponentLine, FeatureLine } from "../../agent/command/features.ts";
import type { Suggested } from "../../domain/suggest.ts";
import { harmless } from "../look.ts";
import { sign } from "./assessment.ts";
import { columns } from "./columns.ts";
import { type Verb, type VerbCall, answer, log } from "./verb.ts";

export const features: Verb = async (call) => {
  const lines = await call.context.agent.features(call.session);
  const [id] = call.options.arguments;
  if (id === undefined) {
    answer(call, { features: lines.map((line) => line.id) }, () => featuresText(call, lines));
    return 0;
  }
  const feature = lines.find((line) => line.id === id);
  if (feature === undefined) {
    log(call, `Optional feature not found: ${id}`);
    return 1;
  }
  answer(call, featureJson(feature), () => featureText(feature));
  return 0;
};

function yesSign(call: VerbCall, yes: boolean): string {
  return yes ? sign("check", call.utf8) : call.utf8 ? "✗" : "-";
}

function suggestedSign(call: VerbCall, suggested: Suggested): string {
  return suggested.kind === "unknown" ? "-" : yesSign(call, suggested.kind === "yes");
}

/** Several documents stand below one another, or behind one another where scripts read. */
function partRows(call: VerbCall, line: FeatureLine | ComponentLine): readonly { readonly cells: readonly string[] }[] {
  const [first = "-", ...more] = call.options.legend ? line.documentation : [line.documentation.join(" ") || "-"];
  const signs = [yesSign(call, line.enabled), suggestedSign(call, line.suggested)];
  return [
    { cells: [...signs, line.id, harmless(line.description ?? "-"), harmless(first)] },
    ...more.map((url) => ({ cells: ["", "", "", "", harmless(url)] })),
  ];
}

function partHeads(kind: string): readonly { readonly head: string }[] {
  return ["enabled", "suggested", kind, "description", "documentation"].map((head) => ({ head }));
}

function featuresText(call: VerbCall, lines: readonly FeatureLine[]): string {
  const rows = lines.flatMap((line) => partRows(call, line));
  const table = columns(partHeads("feature"), rows, call.look, call.options.legend);
  if (!call.options.legend) return table;
  if (lines.length > 0) return `${table}\n${lines.length} features listed.\n`;
  log(call, "No features.");
  return "";
}

/** systemd names a transfer by its file without folder and suffix. */
function transferIds(line: FeatureLine): readonly string[] {
  return line.transfers.map((file) => file.slice(file.lastIndexOf("/") + 1).replace(/\.(transfer|conf)$/, ""));
}

/** Only what is set, in the order of systemd 262. */
function featureJson(line: FeatureLine): Parameters<typeof answer>[1] {
  return {
    id: line.id,
    description: line.description,
    documentation: line.documentation.length === 0 ? undefined : line.documentation,
    appStream: line.appStream,
    enabled: line.enabled,
    suggested: line.suggested.kind === "unknown" ? undefined : line.suggested.kind === "yes",
    transfers: line.transfers.length === 0 ? undefined : transferIds(line),
  };
}

function suggestedText(suggested: Suggested): string {
  return suggested.kind === "unknown" ? `error (${suggested.why})` : suggested.kind;
}

function featureText(line: FeatureLine): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Name", line.id],
    ["Enabled", line.enabled ? "yes" : "no"],
    ["Suggested", suggestedText(line.suggested)],
    ["Description", line.description],
    ["Documentation", line.documentation.join(" ") || undefined],
    ["AppStream", line.appStream],
    ["Transfers", line.transfers.length === 0 ? undefined : transferIds(line).join(", ")],
  ];
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padStart(width)}: ${harmless(value)}\n`).join("");
}

export const components: Verb = async (call) => {
  const report = await call.context.agent.components(call.session);
  if (!report.default && report.components.length === 0 && call.options.json === "off") {
    log(call, "No components defined.");
    return 0;
  }
  const host = report.default ? [{ cells: ["-", "-", "<default>", "Default Component", "-"] }] : [];
  const rows = [...host, ...report.components.flatMap((line) => partRows(call, line))];
  answer(call, { default: report.default, components: report.components.map(({ id }) => id) }, () =>
    columns(partHeads("component"), rows, call.look, call.options.legend),
  );
  return 0;
};
