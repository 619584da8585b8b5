// holdfast simulate: the definitions on a simulated machine, with power cut at every call. Exit code 1 when a promise
// does not hold there, 7 when it does and something else is wrong.
import { buildCommand } from "@stricli/core";
import { Fault } from "../../base/fault.ts";
import type { Session } from "../../agent/session.ts";
import { readText, writeDurably } from "../../agent/state/small-file.ts";
import type { Transfer } from "../../format/definitions.ts";
import type { Disk } from "../../port/disk.ts";
import type { KnownShape, KnownSize, KnownSlots } from "../../sim/own-machine/shape.ts";
import { act, type Call } from "../act.ts";
import type { CliContext, CommandThis } from "../context.ts";
import { type ExitCode, exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { pathArgument } from "../parse.ts";
import {
  featureArgument,
  initrdArgument,
  numberArgument,
  resourceSizeArgument,
  versionsArgument,
} from "../parse-simulate.ts";
import { hostPath } from "../place.ts";
import type * as SimulatorModule from "../simulator.ts";
import { renderSimulation } from "../text/simulate.ts";

interface Flags extends CommonFlags {
  readonly layout?: string;
  readonly size?: readonly (readonly [transfer: string, bytes: number])[];
  readonly sizesFrom?: string;
  readonly versions?: readonly string[];
  readonly feature?: readonly (readonly [name: string, on: boolean])[];
  readonly initrd?: "reboot" | "hang";
  readonly seed: number;
  readonly states: number;
  readonly crashes: number;
  readonly seconds: number;
  readonly junit?: string;
}

type Simulator = typeof SimulatorModule;

const exits = { held: exit.done, "held-with-findings": exit.finding, broken: exit.failed } as const;

/** Works with files of the host, also where --root names another machine. */
async function onHost<T>({ context, session }: Call, flags: Flags, work: (disk: Disk) => Promise<T>): Promise<T> {
  if (flags.root === undefined) return work(session.machine.disk);
  await using host = await context.openMachine({
    root: undefined,
    display: "none",
    colour: false,
    progressFd: undefined,
  });
  return await work(host.disk);
}

function fileOf(context: CliContext, path: string): string {
  return hostPath(path, context.workingFolder);
}

async function readLayout(call: Call, flags: Flags, { parseLayout }: Simulator): Promise<KnownShape | undefined> {
  const { layout } = flags;
  if (layout === undefined) return undefined;
  const text = await onHost(call, flags, (disk) => readText(disk, fileOf(call.context, layout)));
  if (text !== undefined) return parseLayout(layout, text);
  throw new Fault("bad-layout", `Cannot use the layout ${layout}: there is no such file`, {
    hint: "`holdfast simulate --help` and docs/commands.md show what is in it.",
    kind: "usage",
  });
}

/** Options come before the layout file, that before a repository, and that before the machine. */
async function known(
  call: Call,
  flags: Flags,
  simulator: Simulator,
  layout: KnownShape | undefined,
  transfers: readonly Transfer[],
): Promise<KnownShape> {
  const { session, context } = call;
  // Definitions of a folder are for other machines than this one.
  const ours = flags.definitions === undefined || flags.root !== undefined;
  const machine = ours ? await simulator.machineShape(session, transfers) : undefined;
  const { sizesFrom: from, size = [] } = flags;
  const place = from === undefined || /^https?:/i.test(from) ? from : fileOf(context, from);
  const offered = place === undefined ? [] : await simulator.repositorySizes(session, place, transfers);
  const given = size.map(([transfer, bytes]) => [transfer, { bytes, from: "given" as const }] as const);
  const volumes = layout?.volumes ?? [];
  const others = (machine?.volumes ?? []).filter(
    (one) => !volumes.some(({ mountPoint }) => mountPoint === one.mountPoint),
  );
  const result: KnownShape = {
    volumes: [...volumes, ...others],
    slots: new Map<string, KnownSlots>([...(machine?.slots ?? []), ...(layout?.slots ?? [])]),
    sizes: new Map<string, KnownSize>([...(machine?.sizes ?? []), ...offered, ...(layout?.sizes ?? []), ...given]),
    ...(machine?.esp === undefined ? {} : { esp: machine.esp }),
    ...(machine?.xbootldr === undefined ? {} : { xbootldr: machine.xbootldr }),
  };
  demandKnown([...result.sizes.keys(), ...result.slots.keys()], transfers);
  return result;
}

function demandKnown(named: readonly string[], transfers: readonly Transfer[]): void {
  const stray = named.find((name) => !transfers.some(({ id }) => id === name));
  if (stray === undefined) return;
  throw new Fault("unknown-transfer", `Cannot use a size for ${JSON.stringify(stray)}: there is no such transfer`, {
    hint: `There are: ${transfers.map(({ id }) => id).join(", ")}.`,
    kind: "usage",
  });
}

/** os-release of the machine whose definitions they are; IMAGE_VERSION is the simulated version's. */
async function osRelease({ machine }: Session, flags: Flags): Promise<string | undefined> {
  if (flags.definitions !== undefined && flags.root === undefined) return undefined;
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    const text = await readText(machine.disk, path);
    if (text !== undefined) return `${text.replaceAll(/^IMAGE_VERSION=.*(?:\n|$)/gm, "").trimEnd()}\n`;
  }
  return undefined;
}

async function writeJunit(call: Call, flags: Flags, path: string, text: string): Promise<void> {
  const { entropy } = call.session.machine;
  const file = fileOf(call.context, path);
  try {
    await onHost(call, flags, (disk) => writeDurably(disk, entropy, file, text));
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("cannot-write", `Cannot write ${path}: ${state}`, {
      hint: "Name another file with --junit.",
      cause,
    });
  }
}

async function run(call: Call, flags: Flags): Promise<ExitCode> {
  const simulator = await import("../simulator.ts");
  const { session, print } = call;
  const { definitionsFolder, component } = session.settings;
  const place = {
    ...(definitionsFolder === undefined ? {} : { definitionsFolder }),
    ...(component === undefined ? {} : { component }),
  };
  const files = await simulator.readDefinitionFiles(session.machine.disk, place);
  const layout = await readLayout(call, flags, simulator);
  const { machine, signal } = session;
  const simulation = await simulator.simulate({
    files,
    place,
    features: new Map(flags.feature),
    osRelease: await osRelease(session, flags),
    known: (transfers) => known(call, flags, simulator, layout, transfers),
    versions: flags.versions,
    seed: flags.seed,
    statesPerCut: flags.states,
    powerCutsInARow: flags.crashes,
    seconds: flags.seconds,
    initrd: flags.initrd,
    digest: machine.digest,
    elapsedMs: () => machine.clock.elapsedMs(),
    progress: machine.progress,
    signal,
  });
  if (flags.junit !== undefined) await writeJunit(call, flags, flags.junit, simulator.simulationJunit(simulation));
  print(simulation.report, renderSimulation);
  return exits[simulation.report.verdict];
}

const parsed = { kind: "parsed", optional: true } as const;

export const page: CommandPage = {
  name: "simulate",
  brief: "Try the definitions on a simulated machine, cutting its power",
  description: [
    "Makes up three versions of what the definitions describe, and a machine like yours in memory. Installs, updates, goes back and repairs there, cuts the power at every call that changes something, and looks whether each disk that can follow still boots and the next update finishes. Tells how much room updates need, and what the definitions should say instead.",
    "Needs no root and no systemd, and writes nothing but the file of --junit. With --definitions alone, sizes and disks are assumed, and the report says which; without it they are this machine's. Exit code 1: a promise does not hold; 4: no update would take these definitions; 7: all hold, but an error was found.",
  ],
  examples: [
    { input: "simulate --definitions=DIR", does: "a folder, in a build" },
    { input: "simulate --definitions=DIR --junit=out.xml", does: "for a CI" },
    { input: "simulate --size=20-root=2.5G", does: "this machine, larger image" },
  ],
  command: buildCommand<Flags, [], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        layout: { ...parsed, parse: pathArgument, brief: "File systems, slots and sizes (JSON)", placeholder: "FILE" },
        size: {
          ...parsed,
          parse: resourceSizeArgument,
          variadic: true,
          brief: "How large a resource is installed",
          placeholder: "TRANSFER=SIZE",
        },
        sizesFrom: {
          ...parsed,
          parse: pathArgument,
          brief: "Take sizes from a repository",
          placeholder: "DIR|URL",
        },
        versions: { ...parsed, parse: versionsArgument, brief: "Names of the versions", placeholder: "A,B,C" },
        feature: {
          ...parsed,
          parse: featureArgument,
          variadic: true,
          brief: "Switch a feature on or off",
          placeholder: "NAME=on|off",
        },
        initrd: {
          ...parsed,
          parse: initrdArgument,
          brief: "What yours does without an image",
          placeholder: "reboot|hang",
        },
        seed: {
          kind: "parsed",
          parse: numberArgument("a seed", 0, 4_294_967_295),
          brief: "Choose other samples",
          placeholder: "N",
          default: "1",
        },
        states: {
          kind: "parsed",
          parse: numberArgument("a number of states", 2, 100_000),
          brief: "Disk states a power cut, at most",
          placeholder: "N",
          default: "64",
        },
        crashes: {
          kind: "parsed",
          parse: numberArgument("a number of power cuts", 1, 3),
          brief: "Power cuts in a row (1 to 3)",
          placeholder: "N",
          default: "1",
        },
        seconds: {
          kind: "parsed",
          parse: numberArgument("a number of seconds", 1, 86_400),
          brief: "Stop exploring after this long",
          placeholder: "N",
          default: "300",
        },
        junit: { ...parsed, parse: pathArgument, brief: "Write a JUnit file for CI", placeholder: "FILE" },
        ...commonFlags,
      },
    },
    func: act<Flags, []>({ name: "simulate", long: true }, run),
  }),
};
