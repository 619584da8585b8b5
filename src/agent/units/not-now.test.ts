import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimProgram } from "../../sim/process/sim-process.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { holdUpdates } from "../command/pins.ts";
import { notNow } from "./not-now.ts";

function world(busctl?: SimProgram): SimWorld {
  const { world: made } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  if (busctl !== undefined) Object.assign(made.options, { programs: { ...made.options.programs, busctl } });
  return made;
}

const answers =
  (stdout: string, exitCode = 0): SimProgram =>
  () => ({ exitCode, stdout, stderr: "" });

const supplies = "/sys/class/power_supply";

function unplug({ tree }: SimWorld): void {
  tree.plant(`${supplies}/AC/type`, "Mains\n");
  tree.plant(`${supplies}/AC/online`, "0\n");
  tree.plant(`${supplies}/BAT0/type`, "Battery\n");
  tree.plant(`${supplies}/BAT0/status`, "Discharging\n");
}

test("a machine that is plugged in, whose connection nobody counts, is updated", async () => {
  assert.equal(await notNow(sessionOn(world()).session, []), undefined);
});

test("a connection is metered when NetworkManager says so or guesses so, and not where it says nothing", async () => {
  const rows: readonly (readonly [SimProgram, boolean])[] = [
    [answers("u 1\n"), true],
    [answers("u 3\n"), true],
    [answers("u 0\n"), false],
    [answers("u 2\n"), false],
    [answers("u 4\n"), false],
    [answers("u 1\n", 1), false],
    [answers("nonsense"), false],
  ];
  for (const [busctl, metered] of rows) {
    const why = await notNow(sessionOn(world(busctl)).session, []);
    assert.equal(why, metered ? "the connection is metered" : undefined);
  }
  assert.equal(await notNow(sessionOn(world(answers("u 1\n"))).session, ["metered"]), undefined);
});

test("nor is it the time on battery, unless that is passed over", async () => {
  const made = world();
  unplug(made);
  assert.equal(await notNow(sessionOn(made).session, []), "the machine runs on its battery");
  assert.equal(await notNow(sessionOn(made).session, ["metered"]), "the machine runs on its battery");
  assert.equal(await notNow(sessionOn(made).session, ["battery"]), undefined);
});

test("the tree of a machine that is switched off is on no battery", async () => {
  const made = world(answers("u 1\n"));
  unplug(made);
  assert.equal(await notNow(sessionOn(made, { live: false }).session, []), undefined);
});

test("updates that are held, or a version on trial, are waited for whatever is passed over", async () => {
  const held = world();
  await holdUpdates(sessionOn(held).session, undefined);
  assert.equal(await notNow(sessionOn(held).session, ["metered", "battery"]), "updates are held");
  const trial = world();
  trial.tree.shift("/efi/EFI/Linux/os_1.efi", "/efi/EFI/Linux/os_1+2-1.efi");
  const why = await notNow(sessionOn(trial).session, ["metered", "battery"]);
  assert.equal(why, "version 1 runs on trial and has not been found good yet");
});

test("a hold that is over holds nothing", async () => {
  const made = world();
  const { session, machine } = sessionOn(made);
  await holdUpdates(session, machine.clock.nowMs() - 1);
  assert.equal(await notNow(session, []), undefined);
});
