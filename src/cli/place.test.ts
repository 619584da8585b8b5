import assert from "node:assert/strict";
import { test } from "node:test";
import { hostPath, machinePath } from "./place.ts";

test("relative paths start in the working folder", () => {
  assert.equal(hostPath("a/./b//c/..", "/here"), "/here/a/b");
  assert.equal(hostPath("../../../x", "/here"), "/x");
  assert.equal(hostPath("/abs/", "/here"), "/abs");
});

test("a path that leads into the root means the same as one seen from inside", () => {
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ["/etc/x", undefined, "/etc/x"],
    ["x", "/", "/here/x"],
    ["/etc/x", "/mnt", "/etc/x"],
    ["/mnt/etc/x", "/mnt", "/etc/x"],
    ["/mnt", "/mnt", "/"],
    ["/mnt2/x", "/mnt", "/mnt2/x"],
    ["tree/etc", "/here/tree", "/etc"],
    ["etc", "/here/tree", "/etc"],
    ["../../up", "/here/tree", "/up"],
  ];
  for (const [text, root, expected] of cases) assert.equal(machinePath(text, root, "/here"), expected, text);
});
