// Bytes that lie on this machine, opened when the first of them is read: a seed may never be wanted.
import type { LocalBytes } from "../../../delta/reader.ts";
import type { Place } from "../../../domain/resource.ts";
import type { DiskFile } from "../../../port/disk.ts";
import type { Session } from "../../session.ts";

export function openPlace(session: Session, place: Place): Promise<DiskFile> {
  if (place.kind === "partition") return session.machine.volumes.openPartition(place.device, place.number, "read");
  return session.machine.disk.open(place.path, "read");
}

export class PlaceBytes implements LocalBytes, AsyncDisposable {
  readonly #session: Session;
  readonly #place: Place;
  readonly #maxBytes: number;
  #opening: Promise<DiskFile> | undefined;

  /** A partition is longer than what it holds: it counts up to `maxBytes`. */
  constructor(session: Session, place: Place, maxBytes: number = Number.MAX_SAFE_INTEGER) {
    this.#session = session;
    this.#place = place;
    this.#maxBytes = maxBytes;
  }

  #file(): Promise<DiskFile> {
    this.#opening ??= openPlace(this.#session, this.#place);
    return this.#opening;
  }

  async size(): Promise<number> {
    return Math.min(this.#maxBytes, await (await this.#file()).size());
  }

  async read(offset: number, into: Uint8Array): Promise<number> {
    const wanted = into.subarray(0, Math.max(0, this.#maxBytes - offset));
    const file = await this.#file();
    let filled = 0;
    for (let read = -1; filled < wanted.length && read !== 0; filled += read)
      read = await file.read(offset + filled, wanted.subarray(filled));
    return filled;
  }

  /** It may be read again after this, and is opened anew then. */
  async [Symbol.asyncDispose](): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening === undefined) return;
    const file = await opening.catch(() => undefined);
    await file?.[Symbol.asyncDispose]();
  }
}
