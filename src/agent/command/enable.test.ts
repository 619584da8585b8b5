import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunResult } from "../../port/process.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { disableUpdates, enableUpdates } from "./enable.ts";

interface Unit {
  enabled: boolean;
  active: boolean;
  masked?: boolean;
}

const ours = [
  "holdfast-boot.service",
  "holdfast-blessed.service",
  "holdfast-give-back.service",
  "holdfast-fetch.socket",
  "holdfast-update.timer",
  "holdfast-reboot.timer",
];

/** As much of systemctl on a running machine as is asked for. `failAt`: the call, by its verb, that fails. */
class FakeSystemd {
  readonly units = new Map<string, Unit>(ours.map((name) => [name, { enabled: false, active: false }]));
  failAt: string | undefined;

  run(args: readonly string[]): RunResult {
    const [verb = "", ...rest] = args;
    const names = rest.filter((word) => !word.startsWith("--"));
    const ended = (exitCode: number, stdout = "", stderr = ""): RunResult => ({ exitCode, stdout, stderr });
    if (verb === this.failAt) return ended(1, "", "Connection timed out");
    if (verb === "is-enabled") {
      const unit = this.units.get(names[0] ?? "");
      if (unit === undefined) return ended(1, "", "Failed to get unit file state: No such file or directory");
      const word = unit.masked === true ? "masked" : unit.enabled ? "enabled" : "disabled";
      return ended(unit.enabled ? 0 : 1, `${word}\n`);
    }
    if (verb === "is-active") return ended(this.units.get(names[0] ?? "")?.active === true ? 0 : 3);
    for (const name of names) {
      const unit = this.units.get(name);
      assert.ok(unit !== undefined, name);
      if (verb === "enable") unit.enabled = true;
      else if (verb === "disable") unit.enabled = false;
      else if (verb === "start") unit.active = true;
      else if (verb === "stop") unit.active = false;
      else if (verb === "mask") unit.masked = true;
      else if (verb === "unmask") unit.masked = false;
      else assert.fail(verb);
    }
    return ended(0);
  }

  on(): readonly string[] {
    return [...this.units].filter(([, { enabled }]) => enabled).map(([name]) => name);
  }

  active(): readonly string[] {
    return [...this.units].filter(([, unit]) => unit.active).map(([name]) => name);
  }
}

function machine(): { readonly world: SimWorld; readonly systemd: FakeSystemd } {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  const systemd = new FakeSystemd();
  const systemctl = (args: readonly string[]): RunResult => systemd.run(args);
  Object.assign(world.options, { programs: { ...world.options.programs, systemctl } });
  return { world, systemd };
}

test("on a running machine the timers start at once, and what judges boots with the next one", async () => {
  const { world, systemd } = machine();
  await enableUpdates(sessionOn(world).session, { reboot: true });
  assert.deepEqual(systemd.on(), ours);
  assert.deepEqual(systemd.active(), ["holdfast-fetch.socket", "holdfast-update.timer", "holdfast-reboot.timer"]);
  const off = await disableUpdates(sessionOn(world).session, { all: false });
  assert.deepEqual(off.turnedOff, ["holdfast-reboot.timer", "holdfast-fetch.socket", "holdfast-update.timer"]);
  assert.deepEqual([systemd.on(), systemd.active()], [off.stayOn, []]);
});

test("a timer of systemd-sysupdate that ran runs again afterwards, and one that was off stays off", async () => {
  const { world, systemd } = machine();
  systemd.units.set("systemd-sysupdate.timer", { enabled: true, active: true });
  systemd.units.set("systemd-sysupdate-reboot.timer", { enabled: false, active: false });
  const { takenOver } = await enableUpdates(sessionOn(world).session, { reboot: false });
  assert.deepEqual(takenOver, ["systemd-sysupdate.timer"]);
  assert.deepEqual(systemd.units.get("systemd-sysupdate.timer"), { enabled: false, active: false });
  const { givenBack } = await disableUpdates(sessionOn(world).session, { all: true });
  assert.deepEqual(givenBack, ["systemd-sysupdate.timer"]);
  assert.deepEqual(systemd.units.get("systemd-sysupdate.timer"), { enabled: true, active: true });
  assert.deepEqual(systemd.units.get("systemd-sysupdate-reboot.timer"), { enabled: false, active: false });
});

test("where Varlink's units are installed, we answer in systemd-sysupdate's place, and no longer afterwards", async () => {
  const { world, systemd } = machine();
  systemd.units.set("systemd-sysupdate.socket", { enabled: true, active: true });
  assert.deepEqual((await enableUpdates(sessionOn(world).session, { reboot: false })).takenOver, []);
  for (const name of ["holdfast-control.socket", "holdfast-varlink.socket"])
    systemd.units.set(name, { enabled: false, active: false });
  const { turnedOn, takenOver } = await enableUpdates(sessionOn(world).session, { reboot: false });
  assert.deepEqual(
    [turnedOn, takenOver],
    [["holdfast-control.socket", "holdfast-varlink.socket"], ["systemd-sysupdate.socket"]],
  );
  assert.deepEqual(systemd.units.get("holdfast-varlink.socket"), { enabled: true, active: true });
  const { givenBack } = await disableUpdates(sessionOn(world).session, { all: false });
  assert.deepEqual(givenBack, ["systemd-sysupdate.socket"]);
  assert.deepEqual(systemd.active(), ["systemd-sysupdate.socket"]);
});

test("cut off at any step, enabling again ends the same, and disabling gives back what there was", async () => {
  for (const failAt of ["stop", "disable", "mask", "enable", "start"]) {
    const { world, systemd } = machine();
    systemd.units.set("systemd-sysupdate.timer", { enabled: true, active: true });
    world.tree.plant("/usr/lib/systemd/system/timers.target.wants/systemd-sysupdate.timer", "");
    systemd.failAt = failAt;
    await assert.rejects(enableUpdates(sessionOn(world).session, { reboot: false }), { code: "systemctl-failed" });
    systemd.failAt = undefined;
    await enableUpdates(sessionOn(world).session, { reboot: false });
    const their = systemd.units.get("systemd-sysupdate.timer");
    assert.deepEqual([their?.masked, their?.active], [true, false], failAt);
    await disableUpdates(sessionOn(world).session, { all: true });
    assert.deepEqual([their?.masked, their?.active], [false, true], failAt);
  }
});

test("what somebody switched on or masked meanwhile is theirs to decide", async () => {
  const { world, systemd } = machine();
  systemd.units.set("systemd-sysupdate.timer", { enabled: true, active: false });
  await enableUpdates(sessionOn(world).session, { reboot: false });
  systemd.run(["mask", "systemd-sysupdate.timer"]);
  assert.deepEqual((await disableUpdates(sessionOn(world).session, { all: false })).givenBack, []);
});

test("a unit of ours that is masked is said, and nothing else is touched", async () => {
  const { world, systemd } = machine();
  systemd.units.set("systemd-sysupdate.timer", { enabled: true, active: true });
  systemd.run(["mask", "holdfast-update.timer"]);
  await assert.rejects(enableUpdates(sessionOn(world).session, { reboot: false }), {
    message: "Cannot turn on holdfast-update.timer: it is masked",
  });
  assert.deepEqual(systemd.active(), ["systemd-sysupdate.timer"]);
});
