import assert from "node:assert/strict";
import { test } from "node:test";
import { writeCpio } from "./cpio-writer.ts";

test("An archive holds header, padded name, padded content and a trailer for each entry", () => {
  const bytes = Buffer.from(
    writeCpio([{ kind: "file", path: "init", bytes: Buffer.from("#!x\n!"), executable: true }]),
  );
  const header = "0701" + ["00000001", "000081ed", "00000000", "00000000", "00000001", "00000000", "00000005"].join("");
  assert.equal(bytes.toString("latin1", 2, 62), header);
  assert.equal(bytes.toString("latin1", 94, 102), "00000005".slice(0, 8));
  assert.equal(bytes.toString("latin1", 110, 116), "init\0\0".slice(0, 6));
  assert.equal(bytes.toString("latin1", 116, 124), "#!x\n!\0\0\0");
  assert.equal(bytes.toString("latin1", 124, 130), "070701");
  assert.ok(bytes.toString("latin1").includes("TRAILER!!!\0"));
  assert.equal(bytes.length % 4, 0);
});

test("Links carry their target as content", () => {
  const text = Buffer.from(writeCpio([{ kind: "link", path: "sh", target: "busybox" }])).toString("latin1");
  assert.equal(text.slice(14, 22), "0000a1ff");
  assert.match(text, /sh\0{4}busybox/);
});
