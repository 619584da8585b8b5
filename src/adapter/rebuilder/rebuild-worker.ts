// Rebuilds groups of deltas and decompresses chunks in the confined child, one job after the other. A job that fails is
// told, and the next one is done.
import { Fault } from "../../base/fault.ts";
import { decompressChunkHere, rebuildHere } from "../../delta/rebuild-here.ts";
import type { DeltaGroup, Encoder } from "../../format/delta-file.ts";
import { collect } from "./collect.ts";
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

async function take(port: WorkerPort, lengthBytes: number): Promise<Uint8Array> {
  const taken = new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; ) {
    const { bytes } = await port.next();
    taken.set(bytes, at);
    at += bytes.length;
  }
  return taken;
}

/** Input and output of jobs between two collections of garbage: one group of a delta, or many chunks. */
const collectEveryBytes = 4 << 20;

async function work(port: WorkerPort, head: JobHead): Promise<Uint8Array> {
  const { group, encoders = [], length = 0, firstBytes, secondBytes } = head;
  const first = await take(port, firstBytes);
  const second = await take(port, secondBytes);
  if (group === undefined) return decompressChunkHere(first, length);
  return rebuildHere({ group, encoders, old: first, section: second });
}

export const main: WorkerMain = async (port) => {
  for (let handled = 0; ; ) {
    if (handled >= collectEveryBytes) {
      collect();
      handled = 0;
    }
    const head = (await port.message()) as unknown as JobHead;
    try {
      const made = await work(port, head);
      handled += head.firstBytes + head.secondBytes + made.length;
      for (let at = 0; at < made.length; at += dataBytesMax) await port.data(made.subarray(at, at + dataBytesMax));
      await port.end();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await port.fault(error);
    }
  }
};
