import assert from "node:assert/strict";
import { test } from "node:test";
import type { Machine } from "../../port/machine.ts";
import { Content } from "../disk/content.ts";
import type { Scenario } from "../explore.ts";
import { SimWorld } from "../machine.ts";
import { FaultExplorer, type FaultReport } from "./fault-explorer.ts";

const image = Content.pattern(1, 30_000);
const final = "/images/os.img";
const hidden = "/images/.hidden";

/** A toy: a file is written hidden, flushed, renamed, and read back. What fails is passed over where `deaf` says so. */
function write(deaf: readonly string[]): (machine: Machine) => Promise<void> {
  return async ({ disk }) => {
    const step = async (name: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!deaf.includes(name)) throw error;
      }
    };
    for (const path of [hidden, final]) if ((await disk.stat(path)) !== undefined) await disk.remove(path);
    await disk.syncFolder("/images");
    {
      await using file = await disk.open(hidden, "create");
      await step("write", () => file.write(0, image.bytes()));
      await step("sync", () => file.sync());
    }
    {
      await using file = await disk.open(hidden, "medium");
      const bytes = new Uint8Array(image.sizeBytes);
      await file.read(0, bytes);
      if (!Content.of(bytes).equals(image) && !deaf.includes("read")) throw new Error("it reads back with other bytes");
    }
    await disk.rename(hidden, final);
    await disk.syncFolder("/images");
  };
}

async function run(...deaf: readonly string[]): Promise<FaultReport> {
  const world = new SimWorld({ seed: 1, fileSystems: [{ mountPoint: "/", type: "ext4", sizeBytes: 1e8 }] });
  world.tree.plantFolder("/images");
  const isWhole = (now: SimWorld): boolean => {
    const found = now.tree.peek(final, "medium");
    return found instanceof Content && found.equals(image);
  };
  const scenario: Scenario = {
    name: deaf.join(),
    world,
    work: write(deaf),
    recover: write([]),
    check: (now) => (now.tree.stamp(final) === undefined || isWhole(now) ? [] : ["it is there and not whole"]),
    checkDone: (now) => (isWhole(now) ? [] : ["it is not there"]),
    checkLasting: (now) => (isWhole(now) ? [] : ["reported as done, and not there"]),
  };
  const explorer = new FaultExplorer(scenario, { seed: 1, statesPerCrash: 64 });
  assert.equal(await explorer.advance(() => false), true);
  return explorer.report();
}

test("work that heeds every error keeps its promise under every fault, and the next run finishes it", async () => {
  const report = await run();
  assert.equal(report.violations, 0, JSON.stringify(report.shortest));
  assert.equal(report.tried, report.plans);
  assert.ok(report.plans > 50, String(report.plans));
  assert.ok(report.succeeded < report.tried);
  assert.equal(report.stoppedEarly, false);
});

test("an error that is passed over is found, with the fault that shows it", async () => {
  const report = await run("sync", "write", "read");
  assert.ok(report.violations > 0);
  assert.match(report.shortest?.what.join() ?? "", /not whole|not there|wrong/);
  assert.match(report.shortest?.schedule[0] ?? "", /^call \d+|is full at/);
});

test("the same seed tries the same", async () => {
  assert.deepEqual(await run("read"), await run("read"));
});
