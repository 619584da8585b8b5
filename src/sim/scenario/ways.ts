// Updates that are made of what is here: by a delta and by chunks, resumed in the middle, over pieces that are damaged on the
// line or on this machine, and from one way to the next (issue 5, "Transfer engine").
import { stagingName } from "../../format/leftover-name.ts";
import { Content } from "../disk/content.ts";
import type { ServerFault } from "../http/sim-server.ts";
import { repair, update, updateTo } from "./commands.ts";
import { booted, did, flipped, type Listed, listed, sampleOf, three, two } from "./listed.ts";
import type { Promised, Step } from "./promised.ts";
import { imagePath, type Layout, type SampleOptions } from "./sample-machine.ts";
import { simSha256 } from "./sample-index.ts";
import { imageOf } from "./sample-parts.ts";

const chunks = { index: true, chunks: true } as const;
const deltas = { index: true, deltas: true } as const;
const both = { index: true, deltas: true, chunks: true } as const;

const image = (version: string): Content => imageOf(version, 0, both);
/** In the middle of a chunk, and of what a delta makes of its first section. */
const middle = 6_200;

/** As a power cut leaves a file that was written and not flushed. */
const endingInZeros = Content.join(image("2").slice(0, middle), Content.zeros(image("2").sizeBytes - middle));

/** What an earlier run has left of an image. */
const begun =
  (version: string, kept: Content): Step =>
  ({ world }) => {
    const whole = image(version).bytes();
    world.tree.plant(`/images/${stagingName(simSha256(whole))}`, Content.of(kept.bytes()));
  };

/** Whoever asks. */
const always =
  (path: string, fault: ServerFault): Step =>
  ({ world }) =>
    world.servers[0]?.plan({ path: `/os/${path}`, fault, times: Number.POSITIVE_INFINITY });

/** The one request that comes after so many others. */
const once =
  (path: string, after: number, fault: ServerFault): Step =>
  ({ world }) =>
    world.servers[0]?.plan({ path: `/os/${path}`, fault, after });

const alone = { listedChunks: "alone" } as const;
/** All chunks that are fetched. */
const damagedChunk: Step = ({ world }) =>
  world.servers[0]?.plan({ path: "/store/*", fault: { kind: "flip", at: 40 }, times: Number.POSITIVE_INFINITY });
const badIndex = always("os_2.img.caibx", { kind: "flip", at: 400 });

const delta2 = "deltas/os_2.img-from-1.delta";
const pack2 = "chunks/2.pack";
/** Behind the first of two sections. */
const lateInDelta = { kind: "flip", at: 2_500 } as const;
const lateInPack = { kind: "flip", at: 5_000 } as const;

function toTwo(what: string, layout: Layout, more: Partial<SampleOptions>, ...before: readonly Step[]): Listed {
  return listed(
    `ways: v1 to v2, ${what}`,
    (seed): Omit<Promised, "name"> => ({
      sample: sampleOf(seed, layout, ["1"], ["1", "2"], more),
      before,
      work: update,
      outcomes: two,
      always: ["1"],
    }),
  );
}

export const ways: readonly Listed[] = [
  toTwo("by chunks", "files", chunks),
  toTwo("by chunks into slots", "slots", chunks),
  toTwo("resumed in the middle of a delta", "files", deltas, begun("2", image("2").slice(0, middle))),
  toTwo("resumed in the middle of chunks", "files", chunks, begun("2", image("2").slice(0, middle))),
  toTwo("what was kept of it has its length, and ends in zeros", "files", deltas, begun("2", endingInZeros)),
  toTwo("what was kept of it is wrong", "files", deltas, begun("2", image("1").slice(0, middle))),
  toTwo("a delta that is damaged in its second half, then chunks", "files", both, always(delta2, lateInDelta)),
  toTwo("a delta that is damaged, then chunks, into slots", "slots", both, always(delta2, lateInDelta)),
  toTwo(
    "a damaged delta, then damaged chunks, then the whole file",
    "files",
    both,
    always(delta2, lateInDelta),
    always(pack2, lateInPack),
  ),
  toTwo("the line is cut in a delta", "files", deltas, once(delta2, 1, { kind: "cut", afterBytes: 1_500 })),
  toTwo("the line is cut in a pack", "files", chunks, once(pack2, 0, { kind: "cut", afterBytes: 2_500 })),
  listed("ways: v1 to v2, the way back is damaged, and mended by chunks first", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], chunks),
    before: [flipped(imagePath("1"))],
    work: update,
    outcomes: two,
    always: [],
    broken: ["1"],
    limping: ["1"],
  })),
  toTwo("by chunks of another publisher", "files", { listedChunks: "beside" }),
  toTwo("by chunks alone, into slots", "slots", { listedChunks: "alone" }),
  toTwo(
    "resumed in the middle of chunks of another publisher",
    "files",
    alone,
    begun("2", image("2").slice(0, middle)),
  ),
  toTwo(
    "a chunk of another publisher is damaged, then the whole file",
    "files",
    { listedChunks: "beside" },
    damagedChunk,
  ),
  toTwo(
    "the index of another publisher is damaged, then the whole file",
    "files",
    { listedChunks: "beside" },
    badIndex,
  ),
  listed("ways: v1 to v3, a seed that another run has left", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "3"], chunks),
    before: [begun("2", image("3").slice(0, 2 * middle))],
    work: update,
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1"],
  })),
  listed("ways: v2 to v3 by a delta from v1, which is damaged", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "3"], deltas),
    before: [flipped(imagePath("1"))],
    work: update,
    outcomes: three,
    always: ["2"],
    broken: ["1"],
  })),
  listed("ways: repair of v2 by chunks", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], chunks),
    before: [did(updateTo("2")), booted, flipped(imagePath("2"))],
    work: repair,
    recover: repair,
    outcomes: two,
    always: ["1"],
    broken: ["2"],
    limping: ["2"],
  })),
];
