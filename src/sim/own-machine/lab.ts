// Makes simulated machines of one user's definitions: small ones to cut the power on, and ones of true size to plan on.
import { roleOf } from "../../domain/role.ts";
import type { Definitions } from "../../agent/observe/definitions.ts";
import type { Transfer } from "../../format/definitions.ts";
import type { Digest } from "../../port/digest.ts";
import type { Sample } from "../scenario/sample-machine.ts";
import type { DefinitionFile } from "./definition-files.ts";
import type { OwnCommands } from "./own-commands.ts";
import { bootVolume, folderOfTarget, ownWorld } from "./own-world.ts";
import { makeRelease, type OwnRelease } from "./release.ts";
import { realScale, type Scale, smallScale } from "./scale.ts";
import type { Shape } from "./shape.ts";
import { realFileSystems, smallFileSystems } from "./volumes.ts";

export interface LabOptions {
  readonly seed: number;
  readonly digest: Digest;
  readonly files: readonly DefinitionFile[];
  readonly osRelease: string;
  readonly definitions: Definitions;
  readonly shape: Shape;
  /** Oldest first. */
  readonly versions: readonly string[];
  readonly commands: OwnCommands;
}

/** Slots of a small machine hold the small contents, and what they travel in. */
const smallSlotBytes = 64 * 1024;

export class Lab {
  readonly options: LabOptions;
  readonly transfers: readonly Transfer[];
  readonly #releases: Map<string, OwnRelease> = new Map();

  constructor(options: LabOptions) {
    this.options = options;
    this.transfers = options.definitions.enabled;
  }

  get hasEntries(): boolean {
    return this.transfers.some((transfer) => this.isEntry(transfer));
  }

  isEntry({ target }: Transfer): boolean {
    return roleOf(target) === "entry";
  }

  /** A machine for power cuts, on which as many versions fit as on the true one. */
  small(installed: readonly string[], offered: readonly string[]): Sample {
    const { shape } = this.options;
    const fileSystems = smallFileSystems(this.transfers, shape);
    const releases = this.#releasesOf(offered, smallScale, true);
    return ownWorld({ ...this.#common(), fileSystems, slotBytes: () => smallSlotBytes, releases, installed });
  }

  /** A machine of true size. Nothing may be downloaded there: its contents have no true digests. */
  real(installed: readonly string[], offered: readonly string[]): Sample {
    const { shape } = this.options;
    const fileSystems = realFileSystems(this.transfers, shape);
    const releases = this.#releasesOf(offered, realScale(shape), false);
    const slotBytes = (index: number): number => shape.slots[index]?.sizeBytes ?? 0;
    return ownWorld({ ...this.#common(), fileSystems, slotBytes, releases, installed });
  }

  /** One version of small contents, to look at names. */
  release(version: string): OwnRelease {
    const [release] = this.#releasesOf([version], smallScale, true);
    if (release === undefined) throw new Error("Assertion failed: a release was asked for");
    return release;
  }

  #common(): Pick<
    Parameters<typeof ownWorld>[0],
    "seed" | "digest" | "definitions" | "osRelease" | "transfers" | "shape"
  > {
    const { seed, digest, files, osRelease, shape } = this.options;
    return { seed, digest, definitions: files, osRelease, transfers: this.transfers, shape };
  }

  #releasesOf(versions: readonly string[], scale: Scale, hashed: boolean): readonly OwnRelease[] {
    return versions.map((version) => {
      const key = `${hashed} ${version}`;
      const known = this.#releases.get(key) ?? this.#make(version, scale, hashed);
      this.#releases.set(key, known);
      return known;
    });
  }

  #make(version: string, scale: Scale, hashed: boolean): OwnRelease {
    const { shape, digest, versions } = this.options;
    const root = bootVolume(this.transfers, shape) ?? "";
    return makeRelease({
      transfers: this.transfers,
      version,
      index: versions.indexOf(version),
      scale,
      digest,
      hashed,
      bootPath: (transfer, name) => `${folderOfTarget(transfer, shape)}/${name}`.slice(root.length),
    });
  }
}
