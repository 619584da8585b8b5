// Standing in for systemd-sysupdate: `holdfast sysupdate VERB`, or called by its name. Its exit codes are systemd's.
import type { Settings } from "../../agent/session.ts";
import type { CliContext } from "../context.ts";
import { reportFailure } from "../fail.ts";
import { listenForInterrupts } from "../interrupt.ts";
import { lookOf } from "../act.ts";
import { hostPath, machinePath } from "../place.ts";
import { suggest } from "../suggest.ts";
import { holdfastVersion, sysupdateVersion } from "../version.ts";
import { isUtf8 } from "./assessment.ts";
import { sysupdateHelp } from "./help.ts";
import { type SysupdateOptions, parseSysupdate } from "./options.ts";
import { type VerbExit, refuse } from "./verb.ts";
import { type VerbLine, verbs } from "./verbs.ts";

/** Runs one command line (without the program's name) and leaves the exit code in `context.process.exitCode`. */
export async function runSysupdate(argv: readonly string[], context: CliContext): Promise<void> {
  try {
    if (await answersCalls(context)) return;
    context.process.exitCode = await runOptions(parseSysupdate(argv), context);
  } catch (thrown) {
    reportFailure(context, thrown, { program: nameOf(context), json: false, verbose: false });
    context.process.exitCode = 1;
  }
}

/** systemd-sysupdate takes no verb where it was started for a connection (systemd-sysupdate@.service). */
async function answersCalls(context: CliContext): Promise<boolean> {
  if (context.process.env["LISTEN_FDNAMES"] !== "varlink") return false;
  await using handed = await context.takeConnection(undefined);
  if (handed === undefined) return false;
  const { serveHanded } = await import("../varlink.ts");
  await serveHanded(context, handed, "io.systemd.SysUpdate");
  context.process.exitCode = 0;
  return true;
}

/** What the person who reads a message typed. */
function nameOf({ invokedAs }: CliContext): string {
  return invokedAs === "systemd-sysupdate" ? invokedAs : "holdfast sysupdate";
}

async function runOptions(options: SysupdateOptions, context: CliContext): Promise<VerbExit> {
  const { stdout } = context.process;
  if (options.help || options.verb === "help") stdout.write(sysupdateHelp(lookOf(context)));
  else if (options.version) stdout.write(`systemd ${sysupdateVersion} (Holdfast ${holdfastVersion})\n`);
  else if (options.jsonHelp) stdout.write("pretty\nshort\noff\n");
  else return runVerb(checkedVerb(options), options, context);
  return 0;
}

function checkedVerb(options: SysupdateOptions): VerbLine {
  const { verb } = options;
  const line = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (line === undefined) {
    const near = suggest(verb, Object.keys(verbs));
    throw refuse(
      `Unknown command verb '${verb}'${near === undefined ? "." : `, did you mean '${near}'?`}`,
      "`--help` lists the verbs.",
    );
  }
  if (options.arguments.length > line.argumentsMax) throw refuse("Too many arguments.");
  const selects = line.selects ?? [];
  if (options.featureSelect !== "explicit" && !selects.includes("featureSelect")) {
    throw refuse(`--feature-all/--feature-suggested is not supported for '${verb}'.`);
  }
  if (options.componentSelect !== "explicit" && !selects.includes("componentSelect")) {
    throw refuse(
      `--component-all/--component-suggested currently not supported for '${verb}'.`,
      "Name one component with --component=.",
    );
  }
  if (options.componentSelect === "suggested" && line.allOnly === true) {
    throw refuse(`--component-suggested is not supported for '${verb}'.`);
  }
  return line;
}

function settingsFor(options: SysupdateOptions, context: CliContext): Settings {
  const { workingFolder } = context;
  const root = options.root === undefined ? undefined : hostPath(options.root, workingFolder);
  const place = (text: string): string => machinePath(text, root, workingFolder);
  return {
    live: root === undefined || root === "/",
    offline: options.offline,
    lockWaitMs: 0,
    ...(options.component === undefined ? {} : { component: options.component }),
    ...(options.definitions === undefined ? {} : { definitionsFolder: place(options.definitions) }),
    ...(options.verify === undefined ? {} : { verify: options.verify }),
    ...(options.instancesMax === undefined ? {} : { instancesMax: options.instancesMax }),
    ...(options.transferSource === undefined ? {} : { transferSource: place(options.transferSource) }),
  };
}

async function runVerb(line: VerbLine, options: SysupdateOptions, context: CliContext): Promise<VerbExit> {
  const long = line.long ?? false;
  const look = lookOf(context);
  using interrupts = listenForInterrupts(context, `${nameOf(context)} ${options.verb}`, long);
  const display = !long || options.json !== "off" ? "none" : context.stderrIsTerminal ? "live" : "lines";
  await using machine = await context.openMachine({
    root: options.root === undefined ? undefined : hostPath(options.root, context.workingFolder),
    display,
    colour: look.colour,
    progressFd: undefined,
  });
  const session = { machine, settings: settingsFor(options, context), signal: interrupts.signal };
  try {
    return await line.run({ context, session, options, look, utf8: isUtf8(context.process.env) });
  } catch (thrown) {
    throw interrupts.signal.aborted ? interrupts.signal.reason : thrown;
  }
}
