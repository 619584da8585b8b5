import assert from "node:assert/strict";
import { test } from "node:test";
import { sysupdateJson } from "./json.ts";

const value = {
  "current+pending": null,
  all: ["2", "1"],
  none: [],
  left: undefined,
  contents: [{ ptflags: 2n ** 60n }],
};

test("short is one line", () => {
  assert.equal(
    sysupdateJson(value, "short"),
    '{"current+pending":null,"all":["2","1"],"none":[],"contents":[{"ptflags":1152921504606846976}]}\n',
  );
});

test("pretty is indented with tabs", () => {
  assert.equal(
    sysupdateJson({ available: "2", all: ["1"], none: {} }, "pretty"),
    '{\n\t"available" : "2",\n\t"all" : [\n\t\t"1"\n\t],\n\t"none" : {}\n}\n',
  );
});
