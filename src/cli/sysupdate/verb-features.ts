// sysupdate features [FEATURE], components: what can be chosen.
import type { FeatureLine } from "../../agent/features.ts";
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

function featuresText(call: VerbCall, lines: readonly FeatureLine[]): string {
  const heads = [{ head: "enabled" }, { head: "feature" }, { head: "description" }, { head: "documentation" }];
  const rows = lines.map(({ id, enabled, description, documentation }) => ({
    cells: [
      enabled ? sign("check", call.utf8) : call.utf8 ? "✗" : "-",
      id,
      harmless(description ?? "-"),
      harmless(documentation[0] ?? "-"),
    ],
  }));
  const table = columns(heads, rows, call.look, call.options.legend);
  if (!call.options.legend) return table;
  if (lines.length > 0) return `${table}\n${lines.length} features listed.\n`;
  log(call, "No features.");
  return "";
}

/** systemd names a transfer by its file without the suffix. */
function transferIds(line: FeatureLine): readonly string[] {
  return line.transfers.map((file) => file.replace(/\.(transfer|conf)$/, ""));
}

/** Only what is set, in the order of systemd's rows. */
function featureJson(line: FeatureLine): Parameters<typeof answer>[1] {
  return {
    name: line.id,
    enabled: line.enabled,
    description: line.description,
    documentation: line.documentation[0],
    appStream: line.appStream,
    transfers: line.transfers.length === 0 ? undefined : transferIds(line),
  };
}

function featureText(line: FeatureLine): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Name", line.id],
    ["Enabled", line.enabled ? "yes" : "no"],
    ["Description", line.description],
    ["Documentation", line.documentation[0]],
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
  const names = [...(report.default ? ["<default>"] : []), ...report.components];
  answer(call, { default: report.default, components: report.components }, () =>
    names.map((name) => `${name}\n`).join(""),
  );
  return 0;
};
