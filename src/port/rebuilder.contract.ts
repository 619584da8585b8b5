// What every Rebuilder must do, as tests (P9).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseSha256 } from "../base/ids.ts";
import type { DeltaStep } from "../format/delta-file.ts";
import type { RebuildJob, Rebuilder } from "./rebuilder.ts";

const never = new AbortController().signal;
const text = (length: number): Uint8Array => new Uint8Array(length).map((_, at) => (at * 7919) >>> 9);

/** How samples are compressed; a port knows no zlib. */
export interface Compressors {
  readonly zstd: (bytes: Uint8Array) => Uint8Array;
  readonly gzip: (bytes: Uint8Array) => Uint8Array;
}

/** Whoever hands a job in has compared its section with this. */
const sha256 = parseSha256("0".repeat(64));

/** A group without references that makes steps of these kinds of a section. */
function jobOf(steps: readonly DeltaStep[], section: Uint8Array): RebuildJob {
  return {
    group: { references: [], steps, section: { length: section.length, sha256 } },
    encoders: [{ level: 3, windowLog: 17 }],
    input: async () => ({ old: new Uint8Array(0), section: section.slice() }),
  };
}

export function rebuilderContract(name: string, make: () => Rebuilder, { zstd, gzip }: Compressors): void {
  const plainJob = (plain: Uint8Array): RebuildJob => jobOf([{ kind: "plain", length: plain.length }], zstd(plain));
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
      const made = await run.rebuild(jobOf(steps, zstd(plain)));
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
      assert.equal(Buffer.compare(await run.rebuild(jobOf(steps, zstd(plain))), plain), 0);
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
        const bomb = jobOf([{ kind: "plain", length: 1000 }], zstd(new Uint8Array(length)));
        await assert.rejects(run.rebuild(bomb), { code: "delta-section" });
      }
      const noise = jobOf([{ kind: "plain", length: 10 }], text(500));
      await assert.rejects(run.rebuild(noise), { code: "delta-section" });
      const plain = text(3000);
      assert.equal(Buffer.compare(await run.rebuild(plainJob(plain)), plain), 0);
    });

    test("a job whose input cannot be had is no burden to the next one", async () => {
      await using run = make().start(never);
      const plain = text(3000);
      const gone = { ...plainJob(plain), input: () => Promise.reject(new Error("the old file is gone")) };
      const jobs = [run.rebuild(plainJob(plain)), run.rebuild(gone), run.rebuild(plainJob(plain))] as const;
      const [before, failed, after] = await Promise.allSettled(jobs);
      assert.equal(failed.status === "rejected" && (failed.reason as Error).message, "the old file is gone");
      for (const end of [before, after])
        assert.equal(end.status === "fulfilled" && Buffer.compare(end.value, plain), 0);
    });

    test("no job is done for who was interrupted", async () => {
      const stop = new AbortController();
      await using run = make().start(stop.signal);
      await run.rebuild(plainJob(text(100)));
      stop.abort(new Error("interrupted"));
      await assert.rejects(run.rebuild(plainJob(text(100))), { message: "interrupted" });
      await assert.rejects(run.decompress(zstd(text(100)), 100), { message: "interrupted" });
    });

    test("a stored chunk comes out, in zstd and gzip; other bytes and bombs do not", async () => {
      await using run = make().start(never);
      const plain = text(200_000);
      for (const stored of [zstd(plain), gzip(plain)])
        assert.equal(Buffer.compare(await run.decompress(stored, plain.length), plain), 0);
      await assert.rejects(run.decompress(text(100), 100), { code: "chunk-compression" });
      await assert.rejects(run.decompress(zstd(plain).subarray(0, 50), plain.length), {
        code: "chunk-damaged",
      });
      await assert.rejects(run.decompress(zstd(new Uint8Array(100_000_000)), 1000), {
        code: "chunk-damaged",
      });
      assert.equal((await run.decompress(zstd(plain), plain.length)).length, plain.length);
    });
  });
}
