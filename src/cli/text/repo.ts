// The texts of `holdfast repo init`, `add`, `commit`, `withdraw` and `prune`.
import type {
  RepoAddReport,
  RepoCommitReport,
  RepoInitReport,
  RepoPruneReport,
  RepoWithdrawReport,
} from "../../wire/repository-reports.ts";
import { dateText } from "../../base/date-text.ts";
import { harmless, type Look, paint, wrap } from "../look.ts";
import { table } from "../table.ts";
import { countText, sizeText } from "../units.ts";

const said = (look: Look, text: string): string => `${wrap(text, look.columns)}\n`;

export function renderInit({ folder, expires, fingerprint, keys }: RepoInitReport, look: Look): string {
  const key = fingerprint === undefined ? countText(keys, "key") : `the key ${fingerprint}`;
  return (
    `${paint(look, "green", "Made")} a repository in ${harmless(folder)}.\n` +
    said(look, `It is signed by ${key}, and good until ${expires.slice(0, 10)}. Nothing is published in it yet.`)
  );
}

export function renderAdd(report: RepoAddReport, look: Look): string {
  const { version, already, resources, packs, deltas, notices, folder } = report;
  const rows = [
    ...resources.map(({ name, role, sizeBytes, chunks }) => [
      name,
      role,
      sizeText(sizeBytes),
      chunks === 0 ? "" : countText(chunks, "chunk"),
    ]),
    ...packs.map(({ name, sizeBytes }) => [name, "pack", sizeText(sizeBytes), "chunks that are new"]),
    ...deltas.map(({ name, sizeBytes, from }) => [name, "delta", sizeText(sizeBytes), `from ${from}`]),
  ];
  const head = already
    ? `${version} is staged already.`
    : `${paint(look, "green", "Staged")} ${version}: no client sees it yet.`;
  return (
    `${head}\n${table(rows, look, { indent: "  ", right: [2], head: ["FILE", "WHAT", "SIZE", ""] })}\n` +
    notices.map((notice) => said(look, harmless(notice))).join("") +
    `Publish it with \`holdfast repo commit ${harmless(folder)}\`.\n`
  );
}

export function renderCommit({ versions, serial, expires, finished, folder }: RepoCommitReport, look: Look): string {
  const what =
    versions.length > 0
      ? `${paint(look, "green", "Published")} ${versions.join(", ")} in ${harmless(folder)}.`
      : `${paint(look, "green", "Signed")} the index of ${harmless(folder)} anew.`;
  const before = finished ? " What an interrupted run had left is finished." : "";
  return `${what}\n${said(look, `Index ${serial}, good until ${expires.slice(0, 10)}.${before}`)}`;
}

export function renderWithdraw({ version, was, serial, newest }: RepoWithdrawReport, look: Look): string {
  if (was === "staged") return `Dropped ${version}: it was staged, and nobody had seen it.\n`;
  const next = newest === undefined ? "Nothing is offered now." : `The newest that is offered is ${newest}.`;
  return (
    `${paint(look, "green", "Withdrawn")}: no machine installs ${version} any more.\n` +
    said(look, `Index ${serial}. ${next} Its files stay until \`holdfast repo prune\`.`)
  );
}

export function renderPrune({ kept, dropped, removed, waiting }: RepoPruneReport, look: Look): string {
  const lines = [
    dropped.length > 0 ? `Not offered any more: ${dropped.join(", ")}.` : "",
    removed.files > 0 ? `Removed ${countText(removed.files, "file")}, ${sizeText(removed.bytes)}.` : "",
    waiting.files > 0
      ? `${countText(waiting.files, "file")} that nothing names, ${sizeText(waiting.bytes)}, ${waiting.files === 1 ? "stays" : "stay"} for clients that began earlier, until ${dateText(waiting.untilMs ?? 0)}.`
      : "",
  ].filter((line) => line !== "");
  if (lines.length === 0) lines.push("There is nothing to remove.");
  if (kept.length > 0) lines.push(`Kept: ${kept.join(", ")}.`);
  return lines.map((line) => said(look, line)).join("");
}
