// How far a partition has been filled: it has no length to tell. Losing this costs a fresh download (P7).
import type { Sha256 } from "../../base/ids.ts";
import { type Place, samePlace } from "../../domain/resource.ts";
import { decodeRecord, partialSchema } from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { listIfThere, readText, removeIfThere, writeDurably } from "../state/small-file.ts";
import { stagingFolder } from "../state/state.ts";

function partialPath(session: Session, digest: Sha256): string {
  return `${stagingFolder(session)}/${digest.slice(0, 16)}.json`;
}

/** Flushed bytes of the resource with this digest in this slot. */
export async function readPartial(session: Session, digest: Sha256, place: Place): Promise<number> {
  const text = await readText(session.machine.disk, partialPath(session, digest)).catch(() => undefined);
  const partial = text === undefined ? undefined : decodeRecord(partialSchema, text);
  return partial !== undefined && partial.sha256 === digest && samePlace(partial.place, place) ? partial.bytes : 0;
}

export async function savePartial(session: Session, sha256: Sha256, place: Place, bytes: number): Promise<void> {
  const { disk, entropy } = session.machine;
  await writeDurably(disk, entropy, partialPath(session, sha256), JSON.stringify({ format: 1, sha256, place, bytes }));
}

export async function forgetPartial(session: Session, digest: Sha256): Promise<void> {
  await removeIfThere(session.machine.disk, partialPath(session, digest));
}

/** Of whatever was to fill this slot, which is given up. */
export async function forgetPartialsIn(session: Session, place: Place): Promise<void> {
  const { disk } = session.machine;
  const folder = stagingFolder(session);
  for (const { name } of await listIfThere(disk, folder)) {
    if (!/^[0-9a-f]{16}\.json$/.test(name)) continue;
    const text = await readText(disk, `${folder}/${name}`).catch(() => undefined);
    const partial = text === undefined ? undefined : decodeRecord(partialSchema, text);
    if (partial !== undefined && samePlace(partial.place, place)) await removeIfThere(disk, `${folder}/${name}`);
  }
}
