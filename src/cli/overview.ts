// What `holdfast` alone and `holdfast --help` say.
import { exitCodes } from "./exit-code.ts";
import { type Look, paint } from "./look.ts";
import { table } from "./table.ts";

/** The commands in the order in which one meets them, each with its one line. */
export const briefs: readonly (readonly [name: string, brief: string])[] = [
  ["status", "What runs, what boots next, and what there is to fall back to"],
  ["check", "Is there a newer version?"],
  ["update", "Bring in a version, prove it, and let it boot next"],
  ["list", "All versions, installed and offered"],
  ["rollback", "Boot an older version next, once it is proven intact"],
  ["try", "Boot a version once, and come back by itself"],
  ["health", "Run the health checks by which a boot is judged"],
  ["quarantine", "Versions that failed here; let one be tried again"],
  ["doctor", "Check every boot entry and what it needs; repair it"],
  ["vacuum", "Remove old versions, whole, never the way back"],
  ["pin", "Never remove a version"],
  ["unpin", "Let a version be removed again"],
  ["hold", "No updates for a while"],
  ["enable", "Let updates come by themselves"],
  ["disable", "No more updates by themselves"],
  ["reboot", "Reboot, if another version boots next and nobody minds"],
  ["history", "What happened, and when"],
  ["lint", "Check the definitions in sysupdate.d"],
  ["metrics", "Versions, ages, findings and counters, for Prometheus"],
  ["notify", "Tell the desktop what a person should hear, once"],
  ["simulate", "Try the definitions on a simulated machine, cutting its power"],
  ["report", "Write a file for a bug report, without secrets"],
  ["image build", "Build a release of an OS from a recipe"],
  ["image install", "Put a release onto an empty disk or image file"],
  ["repo init", "Make a repository: a folder of plain files, signed"],
  ["repo add", "Check a release, and stage it: no client sees it yet"],
  ["repo commit", "Publish what is staged, in one step"],
  ["repo withdraw", "Take a release back: no machine installs it any more"],
  ["repo prune", "Remove old releases, and chunks that nothing names"],
  ["repo verify", "Read all that a client would need, and check it"],
  ["repo diff", "What an update from one release to another costs, and why"],
  ["repo serve", "Serve a repository over HTTP, for trying out and small sites"],
  ["boot", "Judge this boot, and settle what follows (for systemd's units)"],
  ["fetch", "Fetch for an update, without privileges (for systemd's units)"],
  ["varlink", "Answer calls of other programs (for systemd's units)"],
  ["sysupdate", "Stand in for systemd-sysupdate"],
];

export const commandNames: readonly string[] = briefs.map(([name]) => name);

/** Commands that share their first word. */
export function renderGroup(
  group: string,
  own: readonly (readonly [name: string, brief: string])[],
  look: Look,
): string {
  return (
    `Usage: holdfast ${group} COMMAND [OPTION]...\n\n${paint(look, "bold", "Commands")}\n` +
    `${table(own, look, { indent: "  " })}\n\n\`holdfast ${own[0]?.[0] ?? group} --help\` explains the first of them.\n`
  );
}

/** The short form is for people who typed nothing but the name. */
export function renderOverview(look: Look, form: "short" | "long"): string {
  const head =
    "Holdfast updates image-based Linux systems as a whole, and does not leave a\nmachine unbootable.\n" +
    `\nUsage: holdfast COMMAND [OPTION]...\n\n${paint(look, "bold", "Commands")}\n`;
  const body = `${table(briefs, look, { indent: "  " })}\n\n`;
  const start = "Start with `holdfast status`. `holdfast COMMAND --help` explains a command.\n";
  if (form === "short") return head + body + start;
  return (
    `${head}${body}${start}\n` +
    "Every command takes --json (one value on standard output), --root=DIR (the tree\n" +
    "of another machine), --component=NAME, --definitions=DIR, --progress-fd=N,\n" +
    "--no-color (as NO_COLOR=1), --verbose and --help. `holdfast --version` says the\n" +
    `version.\n\n${paint(look, "bold", "Exit codes")}\n` +
    `${table(
      exitCodes.map(({ code, meaning }) => [`${code}`, meaning]),
      look,
      { indent: "  " },
    )}\n`
  );
}
