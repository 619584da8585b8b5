import assert from "node:assert/strict";
import { test } from "node:test";
import type { CpioEntry } from "../format/cpio-writer.ts";
import { segmentsOf } from "./initrd-segments.ts";

const file = (path: string, sizeBytes: number): CpioEntry => ({ kind: "file", path, bytes: new Uint8Array(sizeBytes) });
const names = (segments: readonly (readonly CpioEntry[])[]): readonly string[] =>
  segments.map((segment) => segment.map(({ path }) => path).join(" "));
const many = Array.from({ length: 400 }, (_, index) => file(`usr/lib/module-${index}.ko`, 100_000));

test("what fits into half a megabyte is one segment, and so is nothing", () => {
  assert.deepEqual(names(segmentsOf([])), [""]);
  assert.deepEqual(names(segmentsOf([{ kind: "folder", path: "etc" }, file("etc/a", 9)])), ["etc etc/a"]);
});

test("every entry is in one segment, in its order, and segments have half a megabyte to four", () => {
  const segments = segmentsOf(many);
  assert.deepEqual(segments.flat(), many);
  const sizes = segments.map((segment) => segment.length * 100_000);
  assert.ok(segments.length > 20, `${segments.length} segments`);
  assert.ok(
    sizes.slice(0, -1).every((size) => size >= 512 << 10 && size <= (4 << 20) + 100_000),
    sizes.join(" "),
  );
});

test("a file that grows changes its own segment, and not the ends of many others", () => {
  const before = new Set(names(segmentsOf(many)));
  const after = names(segmentsOf([file("etc/new", 900_000), ...many.with(3, file("usr/lib/module-3.ko", 300_000))]));
  const other = after.filter((segment) => !before.has(segment));
  assert.ok(other.length <= 4, `${other.length} of ${after.length} are others`);
});
