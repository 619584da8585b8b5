// From a command line to a command: `runHoldfast` is what main.ts and every command test call.
import { type ApplicationText, buildApplication, run, text_en } from "@stricli/core";
import { lookOf } from "./act.ts";
import type { CliContext, CommandThis } from "./context.ts";
import { exit } from "./exit-code.ts";
import { reportFailure } from "./fail.ts";
import { type CommandPage, optionNames, renderHelp } from "./help.ts";
import { hoist } from "./hoist.ts";
import { briefs, commandNames, renderGroup, renderOverview } from "./overview.ts";
import { unfinishedCommand, unknownCommand, usageFaultFor, withoutCommand } from "./usage.ts";
import { holdfastVersion } from "./version.ts";

/** Loaded one at a time: `status` is to answer within 150 ms. */
const pages: Readonly<Record<string, () => Promise<CommandPage>>> = {
  status: async () => (await import("./command/status.ts")).page,
  check: async () => (await import("./command/check.ts")).page,
  update: async () => (await import("./command/update.ts")).page,
  list: async () => (await import("./command/list.ts")).page,
  rollback: async () => (await import("./command/rollback.ts")).page,
  try: async () => (await import("./command/try.ts")).page,
  health: async () => (await import("./command/health.ts")).page,
  quarantine: async () => (await import("./command/quarantine.ts")).page,
  enable: async () => (await import("./command/enable.ts")).page,
  disable: async () => (await import("./command/disable.ts")).page,
  reboot: async () => (await import("./command/reboot.ts")).page,
  boot: async () => (await import("./command/boot.ts")).page,
  fetch: async () => (await import("./command/fetch.ts")).page,
  varlink: async () => (await import("./command/varlink.ts")).page,
  doctor: async () => (await import("./command/doctor.ts")).page,
  vacuum: async () => (await import("./command/vacuum.ts")).page,
  pin: async () => (await import("./command/pin.ts")).page,
  unpin: async () => (await import("./command/unpin.ts")).page,
  hold: async () => (await import("./command/hold.ts")).page,
  history: async () => (await import("./command/history.ts")).page,
  lint: async () => (await import("./command/lint.ts")).page,
  metrics: async () => (await import("./command/metrics.ts")).page,
  notify: async () => (await import("./command/notify.ts")).page,
  simulate: async () => (await import("./command/simulate.ts")).page,
  report: async () => (await import("./command/report.ts")).page,
  "image build": async () => (await import("./command/image-build.ts")).page,
  "repo init": async () => (await import("./command/repo-init.ts")).page,
  "repo add": async () => (await import("./command/repo-add.ts")).page,
  "repo commit": async () => (await import("./command/repo-commit.ts")).page,
  "repo withdraw": async () => (await import("./command/repo-withdraw.ts")).page,
  "repo prune": async () => (await import("./command/repo-prune.ts")).page,
  "repo verify": async () => (await import("./command/repo-verify.ts")).page,
  "repo diff": async () => (await import("./command/repo-diff.ts")).page,
  "repo serve": async () => (await import("./command/repo-serve.ts")).page,
  "image install": async () => (await import("./command/image-install.ts")).page,
};

/** Every command's page, in the order of the overview: for the manual and the completions. */
export async function commandPages(): Promise<readonly CommandPage[]> {
  return Promise.all(commandNames.flatMap((name) => pages[name]?.() ?? []));
}

/** First words of commands that have two: `image` of `image install`. */
const groups = new Set(commandNames.flatMap((name) => (name.includes(" ") ? [name.slice(0, name.indexOf(" "))] : [])));

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const options = end === -1 ? words : words.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

/** Runs one command line (without the program's name) and leaves the exit code in `context.process.exitCode`. */
export async function runHoldfast(argv: readonly string[], context: CliContext): Promise<void> {
  const { command, rest } = hoist(argv, groups);
  if (command === undefined) {
    runBare(rest, context);
  } else if (command === "sysupdate") {
    const { runSysupdate } = await import("./sysupdate/run.ts");
    await runSysupdate(rest, context);
  } else if (command === "help") {
    await showHelp(groups.has(rest[0] ?? "") ? rest.slice(0, 2).join(" ") : rest[0], context);
  } else {
    const load = pages[command];
    if (load !== undefined) await runPage(await load(), rest, context);
    else if (groups.has(command)) runGroup(command, rest, context);
    else fail(unknownCommand(command, commandNames), rest, context);
  }
}

function runBare(rest: readonly string[], context: CliContext): void {
  const stray = rest.find((word) => !["--help", "-h", "--version", "--no-color", "--json"].includes(word));
  if (rest.includes("--version")) context.process.stdout.write(`holdfast ${holdfastVersion}\n`);
  else if (stray !== undefined) return fail(withoutCommand(stray), rest, context);
  else context.process.stdout.write(renderOverview(lookOf(context), asksForHelp(rest) ? "long" : "short"));
  context.process.exitCode = exit.done;
}

/** `holdfast image`, without the second word. */
function runGroup(group: string, rest: readonly string[], context: CliContext): void {
  const own = briefs.filter(([name]) => name.startsWith(`${group} `));
  if (!asksForHelp(rest)) return fail(unfinishedCommand(group, own), rest, context);
  context.process.stdout.write(renderGroup(group, own, lookOf(context, rest.includes("--no-color"))));
  context.process.exitCode = exit.done;
}

async function showHelp(name: string | undefined, context: CliContext): Promise<void> {
  const load = pages[name ?? ""];
  if (name === undefined || name.startsWith("-")) runBare(["--help"], context);
  else if (name === "sysupdate") await runHoldfast(["sysupdate", "--help"], context);
  else if (groups.has(name)) runGroup(name, ["--help"], context);
  else if (load === undefined) fail(unknownCommand(name, commandNames), [], context);
  else await runPage(await load(), ["--help"], context);
}

function fail(thrown: unknown, words: readonly string[], context: CliContext): void {
  const style = { program: "holdfast", json: words.includes("--json"), verbose: words.includes("--verbose") };
  context.process.exitCode = reportFailure(context, thrown, style);
}

async function runPage(page: CommandPage, words: readonly string[], context: CliContext): Promise<void> {
  if (asksForHelp(words)) {
    context.process.stdout.write(renderHelp(page, lookOf(context, words.includes("--no-color"))));
    context.process.exitCode = exit.done;
    return;
  }
  const refused: unknown[] = [];
  const silent = (thrown: unknown): string => {
    refused.push(thrown);
    return "";
  };
  const text: ApplicationText = {
    ...text_en,
    exceptionWhileParsingArguments: silent,
    exceptionWhileLoadingCommandFunction: silent,
    exceptionWhileRunningCommand: silent,
  };
  const app = buildApplication(page.command, {
    name: `holdfast ${page.name}`,
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { disableAnsiColor: true },
    localization: { text },
  });
  // stricli writes an empty line for each of our empty messages: its streams stay silent.
  const silence = { write: () => undefined };
  const self: CommandThis = { process: { stdout: silence, stderr: silence }, cli: context };
  await run(app, words, self);
  const [thrown] = refused;
  if (thrown === undefined) return;
  try {
    fail(usageFaultFor(thrown, `holdfast ${page.name}`, optionNames(page)), words, context);
  } catch (bug) {
    fail(bug, words, context);
  }
}
