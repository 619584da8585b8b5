// Which boot this is: its id, the entry it was started from, and whether the loader counts it (D.8).
import { Fault } from "../../base/fault.ts";
import { isVersion, type Version } from "../../base/ids.ts";
import type { BootSeen } from "../../domain/boot/boot-record.ts";
import { readOsRelease } from "../observe/identity.ts";
import { lastingId, type Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { readText, writeDurably } from "../state/small-file.ts";

export interface ThisBoot {
  readonly bootId: string;
  /** File name of the entry without counter, as far as the loader says it. */
  readonly entryId: string | undefined;
  readonly version: Version | undefined;
  /** The loader counted this boot: it has to be judged. */
  readonly counted: boolean;
  /** The loader says so in a variable; without it systemd-bless-boot does not know what to rename. */
  readonly countKnown: boolean;
}

/** Boots are judged on the machine that runs, and nowhere else. */
export function demandLive(session: Session, doing: string): void {
  if (session.settings.live) return;
  throw new Fault("not-live", `Cannot ${doing}: --root names a machine that is not the one we run on`, {
    hint: "Run it on the machine itself, without --root.",
    kind: "usage",
  });
}

/** `observation` where there is one; without it only the running system speaks for itself. */
export async function thisBoot(session: Session, observation: Observation | undefined): Promise<ThisBoot> {
  const { loader, process } = session.machine;
  const selected = lastingId(await loader.read("LoaderEntrySelected").catch(() => undefined));
  const entries = observation?.situation.loader.entries ?? [];
  const image = (await readOsRelease(session).catch(() => undefined))?.imageVersion;
  const version =
    observation?.situation.running.version ?? (image !== undefined && isVersion(image) ? image : undefined);
  // Without the loader's word it is the entry of the version that runs.
  const own = observation?.situation.graph.nodes.find((node) => version !== undefined && node.version === version);
  const entryId = entries.find(({ id }) => id.toLowerCase() === selected)?.id ?? selected ?? own?.entry.id;
  const countKnown = (await loader.read("LoaderBootCountPath").catch(() => undefined)) !== undefined;
  const countedOnEsp = entries.some(({ id, tries }) => id === entryId && tries !== undefined && tries.done > 0);
  return {
    bootId: (await process.bootId()) ?? "unknown",
    entryId,
    version,
    counted: countKnown || (session.settings.live && countedOnEsp),
    countKnown,
  };
}

export function bootSeen(boot: ThisBoot, nowMs: number, more: Pick<BootSeen, "verdict" | "failed"> = {}): BootSeen {
  const { bootId, entryId, version, counted } = boot;
  return {
    bootId,
    atMs: nowMs,
    ...(version === undefined ? {} : { version }),
    ...(entryId === undefined ? {} : { entryId }),
    counted,
    ...more,
  };
}

/**
 * Marks that are gone with this boot. `counted` is for the unit that starts the machine again where systemd cannot see it;
 * `given-up` keeps the try of a boot that was found bad from being given back, also where no verdict could be written.
 */
export type BootMark = "counted" | "given-up";

const markPath = (mark: BootMark): string => `/run/holdfast/${mark}`;

export async function markThisBoot(session: Session, mark: BootMark): Promise<void> {
  const { disk, entropy } = session.machine;
  await writeDurably(disk, entropy, markPath(mark), `${await session.machine.process.bootId()}\n`).catch(
    () => undefined,
  );
}

/** One of another boot says nothing. */
export async function isMarked(session: Session, mark: BootMark): Promise<boolean> {
  const text = await readText(session.machine.disk, markPath(mark)).catch(() => undefined);
  return text?.trim() === (await session.machine.process.bootId());
}
