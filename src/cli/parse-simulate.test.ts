import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import {
  featureArgument,
  initrdArgument,
  numberArgument,
  resourceSizeArgument,
  versionsArgument,
} from "./parse-simulate.ts";

test("values of simulate are read", () => {
  assert.deepEqual(versionsArgument("24.1,24.2,24.10"), ["24.1", "24.2", "24.10"]);
  assert.deepEqual(featureArgument("devel=on"), ["devel", true]);
  assert.deepEqual(featureArgument("devel=off"), ["devel", false]);
  assert.deepEqual(resourceSizeArgument("20-root=1.5G"), ["20-root", 1.5 * 2 ** 30]);
  assert.equal(numberArgument("a seed", 0, 9)("7"), 7);
  assert.equal(initrdArgument("hang"), "hang");
});

const wrong: readonly (readonly [what: string, parse: (text: string) => unknown, texts: readonly string[]])[] = [
  ["versions", versionsArgument, ["1", "", "2,1", "1,1", "1,2,3,4,5,6,7", "a/b,c"]],
  ["a feature to switch", featureArgument, ["devel", "=on", "devel=yes"]],
  ["the size of a transfer", resourceSizeArgument, ["20-root", "20-root=", "20-root=big", "=1G", "20-root=0"]],
  ["a seed", numberArgument("a seed", 0, 9), ["10", "-1", "x", "1.5", ""]],
  ["what an initrd does", initrdArgument, ["", "wait"]],
];
for (const [what, parse, texts] of wrong) {
  test(`what is no ${what} is a Fault of usage with a hint`, () => {
    for (const text of texts)
      assert.throws(
        () => parse(text),
        (error) => error instanceof Fault && error.kind === "usage" && error.hint !== undefined,
        text,
      );
  });
}
