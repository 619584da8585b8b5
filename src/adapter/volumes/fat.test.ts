import assert from "node:assert/strict";
import { test } from "node:test";
import { inItsNamespace } from "./fat.ts";

test("in a sandbox with mounts of its own, systemd mounts and unmounts; elsewhere we do", () => {
  const words = (value: string | undefined): readonly string[] => {
    const [program, args] = inItsNamespace({ environment: () => value }, "umount", ["--", "/boot"]);
    return [program, ...args];
  };
  for (const value of [undefined, "", "no"]) assert.deepEqual(words(value), ["umount", "--", "/boot"]);
  const asked = words("by-systemd");
  assert.equal(asked[0], "systemd-run");
  assert.ok(asked.includes("--wait"), "what follows would otherwise come too early");
  assert.deepEqual(asked.slice(asked.indexOf("--")), ["--", "umount", "--", "/boot"]);
});
