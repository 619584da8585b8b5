// What a power cut at one moment can leave, a volume at a time: each outcome of a volume is built once, and used again
// for as long as nothing changes on it. Most port calls change one volume or none (issue 3, states per second).
import type { CrashDimension, CrashPicks } from "./crash-choices.ts";
import { DiskTree } from "./disk/disk-tree.ts";
import type { SimFileSystem } from "./disk/file-system.ts";
import type { SimWorld } from "./machine.ts";
import type { BlockDevices } from "./volumes/block-devices.ts";

interface Crashable<T> {
  readonly revision: number;
  crashDimensions(): readonly CrashDimension[];
  afterCrash(picks: CrashPicks): T;
}

class Part<T> {
  readonly dimensions: readonly CrashDimension[];
  readonly #source: Crashable<T>;
  readonly #revision: number;
  readonly #outcomes: Map<string, T> = new Map();

  constructor(source: Crashable<T>) {
    this.#source = source;
    this.#revision = source.revision;
    this.dimensions = source.crashDimensions();
  }

  isStill(source: Crashable<T>): boolean {
    return this.#source === source && this.#revision === source.revision;
  }

  after(picks: CrashPicks): T {
    const key = picks.join();
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const outcome = this.#source.afterCrash(picks);
    this.#outcomes.set(key, outcome);
    return outcome;
  }
}

/** Looks at a world between two of its changes; a view is of no use after the next one. */
export class CrashView {
  /** As `SimWorld.crashDimensions`. */
  readonly dimensions: readonly CrashDimension[];
  /** Nothing that a crash could show has changed since the view before. */
  readonly unchanged: boolean;
  readonly #world: SimWorld;
  readonly #variables: string;
  readonly #volumes: ReadonlyMap<string, Part<SimFileSystem>>;
  readonly #devices: Part<BlockDevices>;

  /** `before`: an earlier view of the same world, whose outcomes are taken over where they still hold. */
  constructor(world: SimWorld, before?: CrashView) {
    this.#world = world;
    this.#variables = [...world.variables].join("\n");
    let changed = before === undefined || before.#variables !== this.#variables;
    const partOf = <T>(known: Part<T> | undefined, source: Crashable<T>): Part<T> => {
      if (known?.isStill(source) === true) return known;
      changed = true;
      return new Part(source);
    };
    this.#volumes = new Map(
      [...world.tree.mounts].map(([mountPoint, fs]) => [
        mountPoint,
        partOf(before === undefined ? undefined : before.#volumes.get(mountPoint), fs),
      ]),
    );
    this.#devices = partOf(before === undefined ? undefined : before.#devices, world.devices);
    this.unchanged = !changed;
    this.dimensions = [...this.#volumes.values(), this.#devices].flatMap((part) => part.dimensions);
  }

  /** The world as a crash with these picks leaves it, to look at: it shares its parts with others and must not change. */
  outcome(picks: CrashPicks): SimWorld {
    let at = 0;
    const mounts = new Map<string, SimFileSystem>();
    for (const [mountPoint, part] of this.#volumes) {
      mounts.set(mountPoint, part.after(picks.slice(at, at + part.dimensions.length)));
      at += part.dimensions.length;
    }
    return this.#world.lookingLike(new DiskTree(mounts), this.#devices.after(picks.slice(at)));
  }
}
