import assert from "node:assert/strict";
import { test } from "node:test";
import { assess, confirmBlessed } from "../../sim/scenario/boot-commands.ts";
import { inTurn } from "../../sim/scenario/listed.ts";
import { Content } from "../../sim/disk/content.ts";
import { loaderMachine } from "../../sim/scenario/loader-updates.ts";

test("a copy of the boot loader is flushed before it is read back, and before the old one goes", async () => {
  const { sample, named, newer } = loaderMachine(1);
  const { machine, gate } = sample.world.run();
  const calls: string[] = [];
  gate.beforeCall = ({ name, subject }): void => {
    if (subject.startsWith("/efi/EFI/systemd/")) calls.push(`${name} ${subject.slice("/efi/EFI/systemd/".length)}`);
  };
  await inTurn(assess, confirmBlessed)(machine);
  const begin = calls.indexOf("open .holdfast-loader");
  assert.deepEqual(calls.slice(begin, calls.indexOf("rename .holdfast-loader") + 1), [
    "open .holdfast-loader",
    "write .holdfast-loader",
    "sync .holdfast-loader",
    "open .holdfast-loader",
    "read .holdfast-loader",
    "stat systemd-bootx64.efi",
    "remove systemd-bootx64.efi",
    "rename .holdfast-loader",
  ]);
  const found = sample.world.tree.peek(named, "medium");
  assert.ok(found instanceof Content && found.equals(newer));
});
