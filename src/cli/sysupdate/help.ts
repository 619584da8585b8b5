// `sysupdate --help`.
import type { Look } from "../look.ts";
import { table } from "../table.ts";
import { sysupdateSpecs } from "./options.ts";
import { verbs } from "./verbs.ts";

export function sysupdateHelp(look: Look): string {
  const optionRows = sysupdateSpecs.map(({ name, short, value, brief }) => {
    const letter = short === undefined ? "   " : `-${short} `;
    return [`${letter}--${name}${value === undefined ? "" : `=${value}`}`, brief];
  });
  const verbRows = Object.entries(verbs).map(([name, { usage, brief }]) => [`${name}${usage}`, brief]);
  return (
    "Usage: systemd-sysupdate [OPTION]... VERB\n\n" +
    "Holdfast, standing in for systemd-sysupdate: same verbs, options, JSON and exit\n" +
    "codes. `holdfast --help` shows the commands that say more.\n\n" +
    `Verbs\n${table(verbRows, look, { indent: "  " })}\n\n` +
    `Options\n${table(optionRows, look, { indent: "  " })}\n\n` +
    "Examples\n" +
    "  holdfast sysupdate list\n" +
    "  holdfast sysupdate check-new && holdfast sysupdate update\n" +
    "  systemd-sysupdate -C app update --json=short\n"
  );
}
