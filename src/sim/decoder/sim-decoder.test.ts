import assert from "node:assert/strict";
import { test } from "node:test";
import { decoderContract } from "../../port/decoder.contract.ts";
import { SimDecoder, simCompress, simTar } from "./sim-decoder.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const decoder = new SimDecoder();

decoderContract("The simulated decoder", () => new SimDecoder(), {
  compress: async (compression, content) => simCompress(compression, content),
});

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function join(parts: AsyncIterable<Uint8Array>): Promise<string> {
  let whole = "";
  for await (const part of parts) whole += new TextDecoder().decode(part);
  return whole;
}

test("what was compressed comes out again, in pieces of any size", async () => {
  for (const compression of ["gz", "xz", "zst", "bz2"] as const) {
    const packed = simCompress(compression, text("some content"));
    for (const size of [1, 3, 100]) {
      assert.equal(await join(decoder.decompress(compression, pieces(packed, size), 100)), "some content");
    }
  }
});

test("other bytes, an early end, more than allowed and a tail are told apart", async () => {
  const packed = simCompress("zst", text("some content"));
  const run = (bytes: Uint8Array, maxBytes: number = 100): Promise<string> =>
    join(decoder.decompress("zst", pieces(bytes, 7), maxBytes));
  await assert.rejects(run(text("plain content")), { code: "not-compressed" });
  await assert.rejects(run(packed.subarray(0, 15)), { code: "damaged-archive" });
  await assert.rejects(run(packed, 11), { code: "too-large" });
  await assert.rejects(run(new Uint8Array([...packed, 0])), { code: "damaged-archive" });
});

test("an archive is unpacked item by item, and nothing leaves the folder", async () => {
  const owner = { mode: 0o755, uid: 0, gid: 0, mtimeUs: 12n };
  const packed = simTar([
    { kind: "folder", path: "usr", ...owner },
    { kind: "file", path: "usr/a", ...owner, sizeBytes: 5, content: text("hello") },
    { kind: "symlink", path: "b", target: "usr/a", uid: 0, gid: 0 },
  ]);
  const seen: string[] = [];
  for await (const item of decoder.untar(pieces(packed, 4))) {
    seen.push(
      item.kind === "file" ? `${item.path}=${await join(item.content)}@${item.mtimeUs}` : `${item.kind} ${item.path}`,
    );
  }
  assert.deepEqual(seen, ["folder usr", "usr/a=hello@12", "symlink b"]);
  const unpack = async (bytes: Uint8Array): Promise<void> => {
    for await (const item of decoder.untar(pieces(bytes, 9))) if (item.kind === "file") await join(item.content);
  };
  await assert.rejects(unpack(simTar([{ kind: "folder", path: "a/../../b", ...owner }])), { code: "escapes-folder" });
  await assert.rejects(unpack(packed.subarray(0, 160)), { code: "damaged-archive" });
});
