// What every Rebuilder must do, as tests (P9).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parseSha256 } from "../base/ids.ts";
import type { DeltaStep } from "../format/delta-file.ts";
import type { RebuildJob, Rebuilder } from "./rebuilder.ts";

const never = new AbortController().signal;
const text = (length: number): Uint8Array => new Uint8Array(length).map((_, at) => (at * 7919) >>> 9);

/** A group without references that makes `plain` of a section, in steps of these kinds. */
function jobOf(plain: Uint8Array, steps: readonly DeltaStep[], section: Uint8Array): RebuildJob {
  const sha256 = parseSha256(createHash("sha256").update(section).digest("hex"));
  return {
    group: { references: [], steps, section: { length: section.length, sha256 } },
    encoders: [{ level: 3, windowLog: 17 }],
    old: new Uint8Array(0),
    section,
  };
}

const plainJob = (plain: Uint8Array): RebuildJob =>
  jobOf(plain, [{ kind: "plain", length: plain.length }], zstdCompressSync(plain));

export function rebuilderContract(name: string, make: () => Rebuilder): void {
  describe(`${name} keeps the Rebuilder contract`, () => {
    test("groups come out one after the other, small and large, plain and compressed again", async () => {
      await using run = make().start(never);
      for (const length of [1, 4096, 5_000_000]) {
        const plain = text(length);
        assert.deepEqual(Buffer.compare(await run.rebuild(plainJob(plain)), plain), 0);
      }
      const plain = text(65_536);
      const steps: DeltaStep[] = [
        { kind: "plain", length: 1000 },
        { kind: "encode", plainLength: 64_536, length: 65_536, encoder: 0 },
      ];
      const made = await run.rebuild(jobOf(plain, steps, zstdCompressSync(plain)));
      assert.equal(made.length, 66_536);
      assert.deepEqual(Buffer.from(made.subarray(0, 1000)), Buffer.from(plain.subarray(0, 1000)));
    });

    test("what a group copies is no burden to its job, however scattered it is", async () => {
      await using run = make().start(never);
      const plain = text(3000);
      const copies = Array.from(
        { length: 150_000 },
        (_, at): DeltaStep => ({ kind: "copy", offset: at * 2e6, length: 5 }),
      );
      const steps: DeltaStep[] = [...copies, { kind: "plain", length: 3000 }];
      assert.equal(Buffer.compare(await run.rebuild(jobOf(plain, steps, zstdCompressSync(plain))), plain), 0);
    });

    test("jobs that are asked for at once are done all the same", async () => {
      await using run = make().start(never);
      const plains = [1, 2, 3, 4].map((factor) => text(100_000 * factor));
      const made = await Promise.all(plains.map((plain) => run.rebuild(plainJob(plain))));
      for (const [at, plain] of plains.entries()) assert.equal(Buffer.compare(made[at] ?? plain.subarray(1), plain), 0);
    });

    test("a section that makes more or less than its steps is a Fault, and the next job is done", async () => {
      await using run = make().start(never);
      for (const length of [999, 1001, 100_000_000]) {
        const bomb = jobOf(text(1000), [{ kind: "plain", length: 1000 }], zstdCompressSync(new Uint8Array(length)));
        await assert.rejects(run.rebuild(bomb), { code: "delta-section" });
      }
      const noise = jobOf(text(10), [{ kind: "plain", length: 10 }], text(500));
      await assert.rejects(run.rebuild(noise), { code: "delta-section" });
      const plain = text(3000);
      assert.equal(Buffer.compare(await run.rebuild(plainJob(plain)), plain), 0);
    });

    test("no job is done for who was interrupted", async () => {
      const stop = new AbortController();
      await using run = make().start(stop.signal);
      await run.rebuild(plainJob(text(100)));
      stop.abort(new Error("interrupted"));
      await assert.rejects(run.rebuild(plainJob(text(100))), { message: "interrupted" });
      await assert.rejects(run.decompress(zstdCompressSync(text(100)), 100), { message: "interrupted" });
    });

    test("a stored chunk comes out, in zstd and gzip; other bytes and bombs do not", async () => {
      await using run = make().start(never);
      const plain = text(200_000);
      for (const stored of [zstdCompressSync(plain), gzipSync(plain)])
        assert.equal(Buffer.compare(await run.decompress(stored, plain.length), plain), 0);
      await assert.rejects(run.decompress(text(100), 100), { code: "chunk-compression" });
      await assert.rejects(run.decompress(zstdCompressSync(plain).subarray(0, 50), plain.length), {
        code: "chunk-damaged",
      });
      await assert.rejects(run.decompress(zstdCompressSync(new Uint8Array(100_000_000)), 1000), {
        code: "chunk-damaged",
      });
      assert.equal((await run.decompress(zstdCompressSync(plain), plain.length)).length, plain.length);
    });
  });
}
