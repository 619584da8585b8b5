// Which ranges of which packs are asked for: many chunks in few requests, read in the order in which they are needed.

/** A chunk that is needed from a pack. */
export interface PackPiece {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

/** One request. */
export interface PackRun {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

export interface PackRuns {
  readonly runs: readonly PackRun[];
  /** For each piece the number of its run; runs are read from front to back, pieces in their order. */
  readonly runOf: Int32Array;
  readonly bytes: number;
}

/** Requests that are under way at once: each is a connection. */
const openMax = 3;
/** What a request is worth in bytes: reading over so many costs about as much time as asking anew. */
const requestBytes = 64 << 10;
const gapsTried: readonly number[] = Array.from({ length: 16 }, (_, step) => 4096 * 2 ** step);

/** Reads over gaps of up to `gapBytes`. */
function runsWithGap(pieces: readonly PackPiece[], gapBytes: number): PackRuns {
  const runs: { pack: number; offset: number; length: number }[] = [];
  const runOf = new Int32Array(pieces.length);
  /** Numbers of runs that may still grow, the longest unused first. */
  let open: number[] = [];
  for (const [number, { pack, offset, length }] of pieces.entries()) {
    const found = open.find((candidate) => {
      const run = runs[candidate];
      if (run?.pack !== pack) return false;
      const end = run.offset + run.length;
      return offset >= end && offset - end <= gapBytes;
    });
    const chosen = found ?? runs.push({ pack, offset, length: 0 }) - 1;
    const run = runs[chosen];
    if (run !== undefined) run.length = offset + length - run.offset;
    // A pack is read at one place at a time.
    open = open.filter((candidate) => runs[candidate]?.pack !== pack);
    open.push(chosen);
    if (open.length > openMax) open.shift();
    runOf[number] = chosen;
  }
  return { runs, runOf, bytes: runs.reduce((sum, { length }) => sum + length, 0) };
}

/**
 * The cheapest in bytes and requests of those with at most `requestsMax` requests; where there are none, the one with the
 * fewest.
 */
export function planRuns(pieces: readonly PackPiece[], requestsMax: number): PackRuns {
  const cost = ({ runs, bytes }: PackRuns): number => bytes + runs.length * requestBytes;
  let best = runsWithGap(pieces, 0);
  for (const gap of gapsTried) {
    const next = runsWithGap(pieces, gap);
    const better =
      best.runs.length > requestsMax
        ? next.runs.length < best.runs.length
        : next.runs.length <= requestsMax && cost(next) < cost(best);
    if (better) best = next;
  }
  return best;
}
