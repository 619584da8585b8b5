// The last manifest accepted from each source, kept as it came so that `--offline` proves it again (P9).
import { toBytes } from "../../base/text.ts";
import type { Session } from "../session.ts";
import { readSmall, removeIfThere, writeDurably } from "../state/small-file.ts";
import { stateFolder } from "../state/state.ts";

const maxBytes = 16 * 1024 * 1024;
const maxIndexBytes = 20 * 1024 * 1024;

/** One folder a source, named by the start of its location's digest. */
export function manifestCacheFolder(session: Session, location: string): string {
  const hasher = session.machine.digest.sha256();
  hasher.update(toBytes(location));
  return `${stateFolder(session)}/manifests/${hasher.finish().slice(0, 16)}`;
}

export async function readCached(
  session: Session,
  folder: string,
): Promise<{ readonly text: Uint8Array; readonly signature: Uint8Array | undefined } | undefined> {
  const { disk } = session.machine;
  const text = await readSmall(disk, `${folder}/SHA256SUMS`, maxBytes);
  if (text === undefined) return undefined;
  return { text, signature: await readSmall(disk, `${folder}/SHA256SUMS.gpg`, maxBytes) };
}

/** Keeps what was accepted. That it cannot be kept (no permission, full disk) only costs `--offline`. */
export async function saveCached(
  session: Session,
  folder: string,
  text: Uint8Array,
  signature: Uint8Array | undefined,
): Promise<void> {
  const { disk, entropy } = session.machine;
  try {
    const before = await readCached(session, folder);
    if (before !== undefined && sameBytes(before.text, text) && sameBytes(before.signature, signature)) return;
    // Between the two writes the pair may not fit; offline then says so, and the next check mends it.
    if (signature === undefined) await removeIfThere(disk, `${folder}/SHA256SUMS.gpg`);
    else await writeDurably(disk, entropy, `${folder}/SHA256SUMS.gpg`, signature);
    await writeDurably(disk, entropy, `${folder}/SHA256SUMS`, text);
  } catch {
    return;
  }
}

export async function readCachedIndex(session: Session, folder: string): Promise<Uint8Array | undefined> {
  return readSmall(session.machine.disk, `${folder}/holdfast.json`, maxIndexBytes);
}

/** The same for an index; `undefined`: the source has none any more. */
export async function saveCachedIndex(session: Session, folder: string, index: Uint8Array | undefined): Promise<void> {
  const { disk, entropy } = session.machine;
  try {
    if (index === undefined) await removeIfThere(disk, `${folder}/holdfast.json`);
    else if (!sameBytes(await readCachedIndex(session, folder), index))
      await writeDurably(disk, entropy, `${folder}/holdfast.json`, index);
  } catch {
    return;
  }
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
