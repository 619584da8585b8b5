// Rebuilds groups of deltas and decompresses chunks in the confined child, one job after the other. A job that fails is
// told, and the next one is done.
import { Fault } from "../../base/fault.ts";
import { rebuildGroup } from "../../delta/rebuild-group.ts";
import { decompressChunkHere } from "../../delta/rebuild-here.ts";
import type { DeltaGroup, Encoder } from "../../format/delta-file.ts";
import { release, Taken } from "../../delta/release.ts";
import { dataBytesMax } from "../confined/frame.ts";
import type { WorkerMain, WorkerPort } from "../confined/worker.ts";

/** The message before a job's bytes: `first`, then `second`, as data. */
export interface JobHead {
  readonly group?: DeltaGroup;
  readonly encoders?: readonly Encoder[];
  /** Of a chunk. */
  readonly length?: number;
  readonly firstBytes: number;
  readonly secondBytes: number;
}

async function take(port: WorkerPort, lengthBytes: number, pieces: Taken): Promise<Uint8Array> {
  const taken = new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; ) {
    const { bytes } = await port.next();
    pieces.next(bytes);
    taken.set(bytes, at);
    at += bytes.length;
  }
  return taken;
}

async function work(port: WorkerPort, head: JobHead, pieces: Taken): Promise<Uint8Array> {
  const { group, encoders = [], length = 0, firstBytes, secondBytes } = head;
  const first = await take(port, firstBytes, pieces);
  const second = await take(port, secondBytes, pieces);
  try {
    if (group === undefined) return decompressChunkHere(first, length);
    return rebuildGroup(group, encoders, first, second, true);
  } finally {
    release(first);
    release(second);
  }
}

export const main: WorkerMain = async (port) => {
  const pieces = new Taken();
  for (;;) {
    const head = (await port.message()) as unknown as JobHead;
    try {
      const made = await work(port, head, pieces);
      for (let at = 0; at < made.length; at += dataBytesMax) await port.data(made.subarray(at, at + dataBytesMax));
      await port.end();
      await port.flushed();
      release(made);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await port.fault(error);
    }
  }
};
