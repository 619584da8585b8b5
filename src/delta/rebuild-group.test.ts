import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import { test } from "node:test";
import type { DeltaGroup, DeltaStep } from "../format/delta-file.ts";
import { digestOf } from "./delta.fixture.ts";
import { rebuildGroup } from "./rebuild-group.ts";
import { encodeCluster } from "./zstd.ts";

const encoder = { level: 3, windowLog: 19 };
const plain = new TextEncoder().encode("one piece after another, ".repeat(400));
const frame = encodeCluster(plain, encoder);
const section = new Uint8Array(zstdCompressSync(plain));

function group(steps: readonly DeltaStep[], over: Partial<DeltaGroup> = {}): DeltaGroup {
  return { references: [], steps, section: { length: section.length, sha256: digestOf(section) }, ...over };
}

const rebuild = (made: DeltaGroup, old = new Uint8Array(0)): Uint8Array => rebuildGroup(made, [encoder], old, section);

test("a cluster is its frame behind zeros that fill it up", () => {
  const made = rebuild(group([{ kind: "encode", plainLength: plain.length, length: 4096, encoder: 0 }]));
  assert.deepEqual(made.subarray(4096 - frame.length), new Uint8Array(frame));
  assert.ok(made.subarray(0, 4096 - frame.length).every((byte) => byte === 0));
});

test("a frame that is longer than its cluster is refused, so that nothing is written outside of it", () => {
  const steps = [{ kind: "encode", plainLength: plain.length, length: frame.length - 1, encoder: 0 }] as const;
  assert.throws(() => rebuild(group(steps)), { code: "delta-cluster" });
});

test("a section with more or fewer bytes than its steps take is refused", () => {
  for (const length of [plain.length - 1, plain.length + 1])
    assert.throws(() => rebuild(group([{ kind: "plain", length }])), { code: "delta-section" });
});

test("a section that is no frame is refused", () => {
  const steps = [{ kind: "plain", length: plain.length }] as const;
  assert.throws(() => rebuildGroup(group(steps), [encoder], new Uint8Array(0), section.subarray(1)), {
    code: "delta-section",
  });
});

test("references that do not decode to what the recipe says are refused", () => {
  const steps = [{ kind: "plain", length: plain.length }] as const;
  for (const [old, plainLength] of [
    [new Uint8Array(100), 50],
    [new Uint8Array(frame), plain.length - 1],
    [new Uint8Array(frame), plain.length + 1],
  ] as const) {
    const references = [{ offset: 0, length: old.length, plainLength }];
    assert.throws(() => rebuild(group(steps, { references }), old), { code: "delta-cluster" });
  }
});
