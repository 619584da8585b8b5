// Deltas between images of the real mkfs.erofs: what its images consist of as fsck.erofs sees it, clusters made again bit for
// bit, and the new image byte for byte (issue 5).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SeededRandom } from "../../src/base/random.ts";
import { applied, deltaBetween, inMemory } from "../../src/delta/delta.fixture.ts";
import { findEncoder } from "../../src/delta/make/find-encoder.ts";
import { pieceFile } from "../../src/delta/make/pieces.ts";
import { decodeCluster } from "../../src/delta/zstd.ts";
import { type ErofsImage, readErofs } from "../../src/format/erofs/read-erofs.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";

const tools = await ensureTools(["mkfs.erofs", "fsck.erofs"]);
const skip = tools.missing.length === 0 ? false : describeMissing(tools.missing).join(" ");
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-erofs-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Lines like a program's: words from a small stock, with numbers that change from place to place. */
function lines(seed: number, bytes: number): string {
  const random = new SeededRandom(seed);
  const words = ["load", "store", "branch", "call", "return", "align", "frame", "symbol", "section", "offset"];
  let text = "";
  while (text.length < bytes) text += `${words[random.below(words.length)]} ${random.below(40_000).toString(16)}\n`;
  return text.slice(0, bytes);
}

interface Tree {
  /** Of the program, a large file. */
  readonly program: string;
  readonly library: string;
  readonly small: string;
  readonly noise: Uint8Array;
}

const sameNoise = Uint8Array.from(
  { length: 90_000 },
  (
    (random) => () =>
      random.below(256)
  )(new SeededRandom(9)),
);
const library = lines(2, 700_000);
const first: Tree = { program: lines(1, 900_000), library: "libone.so.1.2", small: "1.0", noise: sameNoise };
/** Changed near its beginning, so that no later cluster stays; a library under a new number; new and changed small files. */
const second: Tree = {
  program: `${first.program.slice(0, 3000)}a line more\n${first.program.slice(3000)}`,
  library: "libone.so.1.3",
  small: "1.1",
  noise: sameNoise.map((byte, index) => (index < 100 ? 0 : byte)),
};

function makeImage(name: string, tree: Tree, options: readonly string[]): Uint8Array {
  const root = join(folder, name);
  mkdirSync(join(root, "lib/deep"), { recursive: true });
  writeFileSync(join(root, "program"), tree.program);
  writeFileSync(join(root, "lib", tree.library), library);
  writeFileSync(join(root, "noise"), tree.noise);
  for (let index = 0; index < 200; index += 1)
    writeFileSync(join(root, `lib/deep/note-${index}`), `${lines(index, index * 40)}${tree.small}`);
  const image = join(folder, `${name}.erofs`);
  const fixed = ["-T0", "-U00000000-0000-4000-8000-000000000000", "--all-root", "--quiet"];
  execFileSync(tools.path("mkfs.erofs"), [...options, ...fixed, image, root], { stdio: "pipe" });
  return new Uint8Array(readFileSync(image));
}

function readImage(image: Uint8Array): Promise<ErofsImage> {
  return readErofs({ sizeBytes: image.length, read: async (at, length) => image.subarray(at, at + length) });
}

/** What the clusters say a file holds has to be in the file; answers how many bytes were compared. */
function compareWithFiles(image: Uint8Array, { files, clusters }: ErofsImage, root: string): number {
  let compared = 0;
  for (const { file, offset, length, fileOffset, plainLength, algorithm } of clusters) {
    const { path, folder: isFolder } = files[file] as ErofsImage["files"][number];
    if (isFolder || path === "packed fragments") continue;
    const stored = image.subarray(offset, offset + length);
    const plain = algorithm === 3 ? decodeCluster(stored, plainLength) : stored.subarray(0, plainLength);
    const content = readFileSync(join(root, path)).subarray(fileOffset, fileOffset + plainLength);
    assert.deepEqual(Buffer.from(plain), content, `${path} from ${fileOffset}`);
    compared += content.length;
  }
  return compared;
}

const kinds: readonly (readonly [name: string, options: readonly string[], comparedMin: number])[] = [
  ["large clusters", ["-zzstd,level=3", "-C65536", "--chunksize=65536"], 1_690_000],
  ["clusters of a block", ["-zzstd,level=9"], 1_690_000],
  ["an index in its full form", ["-zzstd,level=3", "-C65536", "-Elegacy-compress"], 1_690_000],
  ["packed tails and fragments", ["-zzstd,level=5", "-C65536", "-Eztailpacking,fragments"], 1_500_000],
  ["no compression", [], 1_700_000],
  ["chunks", ["--chunksize=65536"], 1_700_000],
  ["another compression", ["-zlz4hc,9", "-C65536"], 0],
];
for (const [name, options, comparedMin] of kinds)
  test(`an image with ${name}: its files are found in its clusters, and a delta makes the next one`, {
    skip,
  }, async () => {
    const old = makeImage(`${name} 1`, first, options);
    const target = makeImage(`${name} 2`, second, options);
    const image = await readImage(target);
    const root = join(folder, `${name} as fsck sees it`);
    execFileSync(tools.path("fsck.erofs"), [`--extract=${root}`, join(folder, `${name} 2.erofs`)], { stdio: "pipe" });
    assert.equal(image.files.filter(({ path }) => path.startsWith("lib/deep/")).length, 200);
    assert.equal(readdirSync(join(root, "lib/deep")).length, 200);
    if (comparedMin > 0) {
      const compared = compareWithFiles(target, image, root);
      assert.ok(compared >= comparedMin, `${compared} bytes compared`);
    }
    const sample = await deltaBetween(old, target);
    assert.ok(Buffer.from(await applied(sample, old)).equals(target));
    const half = target.length >> 1;
    assert.ok(Buffer.from(await applied(sample, old, half)).equals(target.subarray(half)));
    assert.equal(sample.made.report.unreproducedBytes, 0);
    if (comparedMin > 0)
      assert.ok(sample.bytes.length < 25_000, `${sample.bytes.length} bytes for an image of ${target.length}`);
  });

test("a cluster that holds more than a group is made for is in a group of its own", { skip }, async () => {
  const wide = (line: string): Tree => ({ ...first, program: line.repeat(3_600_000 / line.length) });
  const options = ["-zzstd,level=3", "-C65536"];
  const old = makeImage("wide 1", wide("one line\n"), options);
  const target = makeImage("wide 2", wide("new line\n"), options);
  const { clusters } = await readImage(target);
  const largest = Math.max(...clusters.map(({ plainLength }) => plainLength));
  assert.ok(largest > 3 << 20 && largest < 4 << 20, `the largest has ${largest} bytes`);
  const sample = await deltaBetween(old, target);
  assert.ok(Buffer.from(await applied(sample, old)).equals(target));
});

test("the level of an image's clusters is found by trying", { skip }, async () => {
  for (const level of [3, 9]) {
    const image = makeImage(`level ${level}`, first, [`-zzstd,level=${level}`, "-C65536"]);
    const encoder = await findEncoder(await pieceFile(inMemory(image)));
    assert.deepEqual(encoder, { level, windowLog: 19 });
  }
});

test("clusters that zstd does not make again go in as they are, and the image comes out all the same", {
  skip,
}, async () => {
  const options = ["-zzstd,level=3", "-C65536"];
  const old = makeImage("other 1", first, options);
  const target = makeImage("other 2", second, options);
  const { clusters } = await readImage(target);
  const { offset, length } = clusters.find(
    ({ algorithm, length }) => algorithm === 3 && length === 65_536,
  ) as (typeof clusters)[0];
  target[offset + length - 1] = (target[offset + length - 1] as number) ^ 1;
  const sample = await deltaBetween(old, target);
  assert.equal(sample.made.report.unreproducedBytes, length);
  assert.ok(Buffer.from(await applied(sample, old)).equals(target));
});
