// How far a partition has been filled: it has no length to tell. Losing this costs a fresh download (P7).
import type { Sha256 } from "../../base/ids.ts";
import { type Place, samePlace } from "../../domain/resource.ts";
import { decodeRecord, partialSchema } from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { readText, removeIfThere, writeDurably } from "../state/small-file.ts";
import { stateFolder } from "../state/state.ts";

function partialPath(session: Session, digest: Sha256): string {
  return `${stateFolder(session)}/staging/${digest.slice(0, 16)}.json`;
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
