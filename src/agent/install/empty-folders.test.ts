import assert from "node:assert/strict";
import { test } from "node:test";
import { did, booted, sampleOf } from "../../sim/scenario/listed.ts";
import { update, updateTo } from "../../sim/scenario/commands.ts";
import { addonFolder } from "../../sim/scenario/sample-parts.ts";

test("a folder that lost its last file to a removal that was cut off goes with the next run", async () => {
  const sample = sampleOf(1, "files", ["1"], ["1", "2"], { addon: true });
  await did(updateTo("2"))(sample);
  await booted(sample);
  const { tree } = sample.world;
  tree.uproot(`${addonFolder("1")}/site.addon.efi`);
  await update(sample.world.run().machine);
  const folders = tree.namesIn("/efi/EFI/Linux").filter((name) => name.endsWith(".extra.d"));
  assert.deepEqual(folders, ["os_2.efi.extra.d"]);
});
