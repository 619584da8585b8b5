import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { parseSbat } from "./sbat.ts";

test("components and generations are read, of an image as of the firmware's level", () => {
  const image =
    "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\nsystemd-stub,1,The systemd Developers,systemd,257,https://systemd.io/\nsystemd-stub.debian,2\n\0\0";
  assert.deepEqual(parseSbat(image), [
    { component: "sbat", generation: 1 },
    { component: "systemd-stub", generation: 1 },
    { component: "systemd-stub.debian", generation: 2 },
  ]);
  assert.deepEqual(parseSbat("sbat,1,2024040900\r\nshim,4\r\n"), [
    { component: "sbat", generation: 1 },
    { component: "shim", generation: 4 },
  ]);
  assert.deepEqual(parseSbat(""), []);
});

test("lines that name no generation are refused", () => {
  for (const text of [
    "shim",
    "shim,",
    "shim,-1",
    "shim,1.5",
    ",1",
    "shim,12345678901",
    `${"x".repeat(300)},1`,
    "a,1\n".repeat(600),
  ])
    assert.throws(() => parseSbat(text), { code: "sbat-damaged" }, text.slice(0, 20));
});

test("any text decodes or throws a Fault", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      try {
        parseSbat(text);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
  );
});
