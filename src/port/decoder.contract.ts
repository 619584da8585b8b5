// What every Decoder must do, as tests (P9). Compressed vectors and archives come from whoever runs the suite: real tools, mostly.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { Compression, Decoder } from "./decoder.ts";

export interface DecoderVectors {
  compress(compression: Compression, content: Uint8Array): Promise<Uint8Array>;
}

async function* pieces(content: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += pieceBytes)
    yield content.subarray(offset, offset + pieceBytes);
}

export async function collected(output: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: number[][] = [];
  for await (const part of output) parts.push([...part]);
  return Uint8Array.from(parts.flat());
}

export function decoderContract(name: string, make: () => Decoder, vectors: DecoderVectors): void {
  const content = new Uint8Array(300_000).map((_, index) => (index * 7919) >>> 9);

  describe(`${name} keeps the Decoder contract`, () => {
    for (const compression of ["gz", "xz", "zst", "bz2"] as const) {
      test(`${compression} comes out as it went in, also in small pieces and of several members`, async () => {
        const packed = await vectors.compress(compression, content);
        for (const pieceBytes of [1_000_000, 997]) {
          assert.deepEqual(
            await collected(make().decompress(compression, pieces(packed, pieceBytes), content.length)),
            content,
          );
        }
        const twice = Uint8Array.from([...packed, ...packed]);
        assert.equal((await collected(make().decompress(compression, pieces(twice, 64_000), 600_000))).length, 600_000);
      });

      test(`${compression} that is too large, cut, or something else is a Fault`, async () => {
        const packed = await vectors.compress(compression, content);
        const refuses = (bytes: Uint8Array, maxBytes: number, ...codes: readonly string[]): Promise<void> =>
          assert.rejects(collected(make().decompress(compression, pieces(bytes, 5000), maxBytes)), (error: unknown) => {
            assert.ok(error instanceof Fault && codes.includes(error.code), String(error));
            return true;
          });
        await refuses(packed, content.length - 1, "too-large");
        await refuses(packed.subarray(0, packed.length - 20), 1_000_000, "damaged-archive");
        await refuses(new Uint8Array(20_000).fill(0x3c), 1_000_000, "not-compressed");
      });

      test(`${compression} passes on what its input says when that fails`, async () => {
        const packed = await vectors.compress(compression, content);
        async function* lost(): AsyncGenerator<Uint8Array> {
          yield packed.subarray(0, 100);
          throw new Fault("connection-lost", "Cannot fetch: lost");
        }
        await assert.rejects(collected(make().decompress(compression, lost(), 1_000_000)), { code: "connection-lost" });
      });
    }

    test("breaking off ends the work", async () => {
      const packed = await vectors.compress("gz", content);
      for await (const part of make().decompress("gz", pieces(packed, 1000), 1_000_000)) {
        assert.ok(part.length > 0);
        break;
      }
    });
  });
}
