// The simulated machine: what outlives a crash (the world), and the ports of one run on it (issue 3, simulated world).
import { SeededRandom } from "../base/random.ts";
import type { PartitionTable } from "../format/partition-table.ts";
import type { Digest } from "../port/digest.ts";
import type { FirmwareVariable } from "../port/firmware.ts";
import type { BootListVariable, LoaderVariable } from "../port/loader-variables.ts";
import type { Machine } from "../port/machine.ts";
import { CallGate } from "./call-gate.ts";
import { SimClock } from "./clock/sim-clock.ts";
import { SimCodeVerifier } from "./code-verifier/sim-code-verifier.ts";
import type { CrashDimension, CrashPicks } from "./crash-choices.ts";
import { SimDecoder } from "./decoder/sim-decoder.ts";
import { simDigest } from "./digest/sim-digest.ts";
import { DiskTree } from "./disk/disk-tree.ts";
import type { LostChains } from "./disk/fat-image.ts";
import type { SimFileSystemSettings } from "./disk/file-system.ts";
import { SimDisk } from "./disk/sim-disk.ts";
import { SimEntropy } from "./entropy/sim-entropy.ts";
import { FaultPlan, type PlannedFault } from "./fault-plan.ts";
import { SimFirmware } from "./firmware/sim-firmware.ts";
import { SimHerald } from "./herald/sim-herald.ts";
import { SimHttp } from "./http/sim-http.ts";
import type { SimServer } from "./http/sim-server.ts";
import { SimLoaderVariables } from "./loader-variables/sim-loader-variables.ts";
import { SimLock } from "./lock/sim-lock.ts";
import { SimProcess, type SimProgram } from "./process/sim-process.ts";
import { SimProgress } from "./progress/sim-progress.ts";
import { simRebuilder } from "./rebuilder/sim-rebuilder.ts";
import { SimSubscribers } from "./subscribers/sim-subscribers.ts";
import { SimSigner, type SimSigningKeys } from "./signer/sim-signer.ts";
import { SimVerifier } from "./verifier/sim-verifier.ts";
import { BlockDevices } from "./volumes/block-devices.ts";
import { SimVolumes } from "./volumes/sim-volumes.ts";

export interface SimWorldOptions {
  readonly seed: number;
  /** A faster SHA-256, for simulations of large images. */
  readonly digest?: Digest;
  readonly fileSystems: readonly SimFileSystemSettings[];
  readonly tables?: readonly PartitionTable[];
  readonly servers?: readonly SimServer[];
  /** What the machine believes at the start, in milliseconds since the epoch. */
  readonly startMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly programs?: Readonly<Record<string, SimProgram>>;
  /** `false`: the tree of a machine that is switched off. */
  readonly live?: boolean;
  readonly lostChains?: LostChains;
  /** What the firmware says of Secure Boot; without anything it has none. */
  readonly firmware?: ReadonlyMap<FirmwareVariable, Uint8Array>;
  /** Whoever publishes from this machine can sign with these. */
  readonly signingKeys?: SimSigningKeys;
}

export interface SimRun {
  readonly machine: Machine;
  readonly gate: CallGate;
  readonly progress: SimProgress;
  readonly process: SimProcess;
  readonly herald: SimHerald;
  readonly subscribers: SimSubscribers;
}

const defaultStartMs = Date.UTC(2026, 2, 1);
/** How long a call takes. */
const callMs = 0.25;

export class SimWorld {
  readonly options: SimWorldOptions;
  readonly clock: SimClock;
  readonly tree: DiskTree;
  readonly devices: BlockDevices;
  servers: readonly SimServer[];
  /** Those of the boot list as hex digits. */
  readonly variables: Map<LoaderVariable | BootListVariable, string>;
  /** How often it was switched on. */
  boots: number;
  /** How many processes ran on it: each has random numbers of its own. */
  runs: number;
  #locks: Map<string, unknown> = new Map();

  constructor(
    options: SimWorldOptions,
    from?: Pick<SimWorld, "clock" | "tree" | "devices" | "servers" | "variables" | "boots" | "runs">,
  ) {
    this.options = options;
    this.clock = from?.clock ?? new SimClock({ startMs: options.startMs ?? defaultStartMs });
    this.tree = from?.tree ?? DiskTree.make(options.fileSystems, () => this.clock.nowMs());
    this.devices = from?.devices ?? new BlockDevices();
    this.servers = from?.servers ?? options.servers ?? [];
    this.variables = from?.variables ?? new Map();
    this.boots = from?.boots ?? 1;
    this.runs = from?.runs ?? 0;
    if (from === undefined) for (const table of options.tables ?? []) this.devices.add(table);
  }

  /** The ports for one process on this machine. Faults by plan, crashes through `gate.beforeCall`. */
  run(faults: readonly PlannedFault[] = []): SimRun {
    const { clock, tree, devices, servers, options } = this;
    const gate = new CallGate(new FaultPlan(faults), () => clock.pass(callMs));
    const progress = new SimProgress();
    const herald = new SimHerald();
    const subscribers = new SimSubscribers();
    const bootId = `${String(this.boots).padStart(8, "0")}-0000-4000-8000-000000000000`;
    const {
      environment = {},
      programs = {},
      lostChains = "salvage",
      live = true,
      digest = simDigest,
      firmware,
    } = options;
    const process = new SimProcess({ environment, programs, gate, ...(live ? { bootId } : {}) });
    const machine: Machine = {
      disk: new SimDisk(tree, gate),
      volumes: new SimVolumes({ tree, devices, gate, lostChains }),
      http: new SimHttp({ servers, clock, gate }),
      decoder: new SimDecoder(),
      rebuilder: simRebuilder,
      digest,
      clock,
      entropy: new SimEntropy(new SeededRandom(options.seed + this.boots * 7919 + this.runs++ * 104_729)),
      process,
      loader: new SimLoaderVariables(this.variables, gate, live),
      firmware: new SimFirmware(firmware ?? new Map(), gate, live && firmware !== undefined),
      verifier: new SimVerifier(digest),
      signer: new SimSigner({ keys: options.signingKeys ?? new Map(), digest, clock, gate }),
      codeVerifier: new SimCodeVerifier(digest),
      lock: new SimLock({ clock, pid: process.pid, gate, held: this.#locks }),
      progress,
      herald,
      subscribers,
    };
    return { machine, gate, progress, process, herald, subscribers };
  }

  /** What the network holds from now on. */
  serve(servers: readonly SimServer[]): void {
    this.servers = servers;
  }

  crashDimensions(): readonly CrashDimension[] {
    return [...this.tree.crashDimensions(), ...this.devices.crashDimensions()];
  }

  /** The world as the next boot finds it; `picks` are for `crashDimensions`. */
  afterCrash(picks: CrashPicks): SimWorld {
    const count = this.tree.crashDimensions().length;
    return this.#heir(
      (nowMs) => this.tree.afterCrash(picks.slice(0, count), nowMs),
      this.devices.afterCrash(picks.slice(count)),
      this.boots + 1,
    );
  }

  /** A copy that shares what neither changes. Locks held here are not held there. `change`: what is another there. */
  fork(change: Partial<Pick<SimWorldOptions, "digest">> = {}): SimWorld {
    return this.#heir((nowMs) => this.tree.fork(nowMs), this.devices.fork(), this.boots, change);
  }

  /** As the next boot would find it with these disks; only to look at, as it shares what it has with this one. */
  lookingLike(tree: DiskTree, devices: BlockDevices): SimWorld {
    const { clock, servers, variables, boots, runs } = this;
    return new SimWorld(this.options, { clock, tree, devices, servers, variables, boots: boots + 1, runs });
  }

  /** A regular shutdown and boot: everything flushed, volumes unmounted, locks gone. */
  restart(): void {
    this.tree.remount();
    this.devices.remount();
    this.#locks = new Map();
    this.boots++;
  }

  /** Names everything that two states can differ in and a program can notice, times aside. */
  key(): string {
    const variables = [...this.variables].sort(([a], [b]) => (a < b ? -1 : 1)).map((pair) => pair.join("="));
    return [this.tree.key(), this.devices.key(), ...variables].join("\n");
  }

  #heir(
    tree: (nowMs: () => number) => DiskTree,
    devices: BlockDevices,
    boots: number,
    change: Partial<SimWorldOptions> = {},
  ): SimWorld {
    const clock = new SimClock({ startMs: this.clock.nowMs() });
    const servers = this.servers.map((server) => server.fork());
    const from = {
      clock,
      tree: tree(() => clock.nowMs()),
      devices,
      servers,
      variables: new Map(this.variables),
      boots,
      runs: this.runs,
    };
    return new SimWorld({ ...this.options, ...change }, from);
  }
}

/** A world and the ports of a first run on it. */
export function simMachine(
  options: SimWorldOptions,
  faults: readonly PlannedFault[] = [],
): SimRun & { readonly world: SimWorld } {
  const world = new SimWorld(options);
  return { ...world.run(faults), world };
}
