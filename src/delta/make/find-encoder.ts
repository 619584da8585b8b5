// Which parameters of zstd make an image's clusters again, bit for bit: tried on a few of them (issue 5, transfer engine 1).
import type { Encoder } from "../../format/delta-file.ts";
import { decodeCluster, encodeCluster, frameStart } from "../zstd.ts";
import type { PiecedFile } from "./pieces.ts";
import { readRange } from "../read-fully.ts";
import { release } from "../release.ts";

const samples = 12;
const levelMax = 19;

/** Undefined where nothing reproduces any of them: then clusters go in as they are. */
export async function findEncoder({ bytes, pieces, windowLog }: PiecedFile): Promise<Encoder | undefined> {
  const clusters = pieces.filter(({ plainLength }) => plainLength > 0);
  if (windowLog === undefined || clusters.length === 0) return undefined;
  const chosen = Array.from(
    { length: samples },
    (_, index) => clusters[Math.floor((index * clusters.length) / samples)],
  );
  let best: { readonly encoder: Encoder; readonly count: number } | undefined;
  const known = [];
  for (const cluster of new Set(chosen)) {
    if (cluster === undefined) continue;
    const stored = await readRange(bytes, cluster.offset, cluster.length);
    const plain = tryDecode(stored, cluster.plainLength);
    if (plain !== undefined) known.push({ stored, plain });
  }
  for (let level = 1; level <= levelMax; level += 1) {
    const encoder = { level, windowLog };
    const count = known.filter(({ stored, plain }) => reproduces(stored, plain, encoder)).length;
    if (count > (best?.count ?? 0)) best = { encoder, count };
    if (count === known.length) break;
  }
  return best?.encoder;
}

/** Undefined where the cluster does not have what its image says. */
export function tryDecode(stored: Uint8Array, plainLength: number): Uint8Array | undefined {
  try {
    return decodeCluster(stored, plainLength);
  } catch {
    return undefined;
  }
}

export function reproduces(stored: Uint8Array, plain: Uint8Array, encoder: Encoder): boolean {
  const start = frameStart(stored);
  const frame = encodeCluster(plain, encoder);
  const same = stored.length - frame.length === start && Buffer.compare(frame, stored.subarray(start)) === 0;
  release(frame);
  return same;
}
