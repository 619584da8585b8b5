// A hundred of the campaign's power cuts (`npm run campaign -- power-cuts` makes more): on ext4 and btrfs, and on the FAT
// ESP of a guest (P1, P2, P3, P6).
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { describeMissing, ensureTools } from "../../../tools/toolbox/toolbox.ts";
import { whyNotMountable } from "../kills/loop-disk.ts";
import { part } from "./part.ts";
import { whyNotRecordable } from "./recording.ts";
import { type PowerCutReport, runPowerCuts } from "./power-cuts.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-power-cuts-test-"));
after(async () => rm(folder, { recursive: true, force: true }));
const seed = Number(process.env["SEED"] ?? 20260301);
const none = { seed, hostStates: 0, guestStates: 0, otherStates: 0, guestUpdates: 0, others: [] };

async function whyNot(): Promise<string | undefined> {
  const { missing } = await ensureTools(part.tools);
  if (missing.length > 0) return describeMissing(missing).join("\n");
  return (await whyNotMountable("ext4", folder)) ?? whyNotRecordable(folder);
}

function nothingWrong({ rows }: PowerCutReport): number {
  assert.deepEqual(
    rows.filter(({ updater }) => updater === "Holdfast").flatMap(({ told }) => told),
    [],
  );
  return rows.reduce((states, row) => states + row.states, 0);
}

suite("After a power cut", async () => {
  const why = await whyNot();

  test("on ext4 and btrfs, in sixty states, nothing is broken and the next run finishes", async (context) => {
    if (why !== undefined) return context.skip(why);
    const report = await runPowerCuts({ ...none, hostStates: 30, hostOperations: ["update 2 to 3, 1 goes"] });
    assert.ok(nothingWrong(report) >= 60, report.notTried.join("\n"));
  });

  test("in a guest, in forty-five states of a FAT ESP, nothing is broken, and one that a script left is", async (context) => {
    if (why !== undefined) return context.skip(why);
    // About one state in twenty of the script is broken: how many depends on when the guest wrote what.
    const report = await runPowerCuts({ ...none, guestStates: 15, otherStates: 80 });
    const [reason] = report.notTried;
    if (reason !== undefined) return context.skip(reason);
    assert.ok(nothingWrong(report) >= 45);
    const script = report.rows.find(({ updater }) => updater !== "Holdfast");
    assert.ok((script?.wrong.broken ?? 0) > 0, "the method finds what it looks for");
  });
});
