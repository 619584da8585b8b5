// `holdfast enable` and `disable` on the tree of a machine, with the real systemctl; systemd-sysupdate's timers go and come
// back as they were, and nothing is done twice.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { lstat, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { json, reason } from "../e2e/run.ts";
import { type Scene, World } from "../e2e/world.ts";
import { installUnits, plantTimers } from "./installed-units.ts";

const theirs = ["systemd-sysupdate.timer", "systemd-sysupdate-reboot.timer"];
const ours = [
  "holdfast-boot.service",
  "holdfast-blessed.service",
  "holdfast-give-back.service",
  "holdfast-fetch.socket",
  "holdfast-update.timer",
  "holdfast-control.socket",
  "holdfast-varlink.socket",
];

let world: World;
before(async () => {
  world = await World.create();
});
after(async () => world[Symbol.asyncDispose]());

function systemctl(scene: Scene, ...args: readonly string[]): string {
  const { stdout } = spawnSync("systemctl", [`--root=${scene.machine.root}`, ...args], { encoding: "utf8" });
  return stdout.trim();
}

/** Every link below /etc/systemd/system, with where it leads. */
async function links(scene: Scene): Promise<readonly string[]> {
  const folder = join(scene.machine.root, "etc/systemd/system");
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found: string[] = [];
  for (const name of names)
    if ((await lstat(join(folder, name))).isSymbolicLink())
      found.push(`${name} -> ${await readlink(join(folder, name))}`);
  return found.toSorted();
}

async function machine(): Promise<Scene> {
  const one = await world.release("1");
  const scene = await world.scene({ installed: [one] });
  await installUnits(scene.machine.root);
  return scene;
}

const hasSystemctl = spawnSync("systemctl", ["--version"]).status === 0;

suite("Updates by themselves", { skip: !hasSystemctl && "there is no systemctl here" }, () => {
  test("enable turns on what there is to turn on, disable turns it off, and each twice is as good as once", async () => {
    await using scene = await machine();
    const first = json(await scene.expect(0, ["enable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(first, { turnedOn: ours, wereOn: [], takenOver: [], reboots: false });
    const on = await links(scene);
    assert.deepEqual(
      ours.map((unit) => systemctl(scene, "is-enabled", unit)),
      ours.map(() => "enabled"),
    );
    assert.equal(systemctl(scene, "is-enabled", "holdfast-reboot.timer"), "disabled");
    const again = json(await scene.expect(0, ["enable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(again, { turnedOn: [], wereOn: ours, takenOver: [], reboots: false });
    assert.deepEqual(await links(scene), on);

    const off = json(await scene.expect(0, ["disable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(off, {
      turnedOff: ours.slice(3),
      givenBack: [],
      stayOn: ours.slice(0, 3),
    });
    await scene.expect(0, ["disable", "--all"]);
    assert.deepEqual(await links(scene), []);
    await scene.expect(0, ["disable", "--all"]);
  });

  test("--reboot turns on the maintenance window as well, also later", async () => {
    await using scene = await machine();
    await scene.expect(0, ["enable"]);
    const later = json(await scene.expect(0, ["enable", "--reboot", "--json"])) as Record<string, unknown>;
    assert.deepEqual([later["turnedOn"], later["reboots"]], [["holdfast-reboot.timer"], true]);
    const plain = json(await scene.expect(0, ["enable", "--json"])) as Record<string, unknown>;
    assert.equal(plain["reboots"], true, "it is not turned off by leaving the option away");
    const off = json(await scene.expect(0, ["disable", "--json"])) as { readonly turnedOff: readonly string[] };
    assert.ok(off.turnedOff.includes("holdfast-reboot.timer"));
  });

  test("systemd-sysupdate's timers are handed over, and given back as they were", async () => {
    await using scene = await machine();
    await plantTimers(scene.machine.root, theirs);
    systemctl(scene, "enable", "systemd-sysupdate.timer");
    const before = await links(scene);
    const on = await scene.expect(0, ["enable"]);
    assert.match(on.stdout, /Turned off, for they do the same work.*:\n {2}systemd-sysupdate\.timer\n/);
    assert.equal(systemctl(scene, "is-enabled", "systemd-sysupdate.timer"), "disabled");
    const twice = json(await scene.expect(0, ["enable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(twice["takenOver"], []);
    const off = json(await scene.expect(0, ["disable", "--all", "--json"])) as Record<string, unknown>;
    assert.deepEqual(off["givenBack"], ["systemd-sysupdate.timer"]);
    assert.deepEqual(await links(scene), before, "the other one was off, and is");
    const nothing = json(await scene.expect(0, ["disable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(nothing["givenBack"], []);
  });

  test("a timer that its vendor turned on is masked, and unmasked again", async () => {
    await using scene = await machine();
    await plantTimers(scene.machine.root, theirs);
    const wants = join(scene.machine.root, "usr/lib/systemd/system/timers.target.wants");
    await mkdir(wants, { recursive: true });
    await symlink("../systemd-sysupdate.timer", join(wants, "systemd-sysupdate.timer"));
    const on = json(await scene.expect(0, ["enable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(on["takenOver"], ["systemd-sysupdate.timer"]);
    assert.equal(systemctl(scene, "is-enabled", "systemd-sysupdate.timer"), "masked");
    await scene.expect(0, ["disable", "--all"]);
    assert.deepEqual(await links(scene), []);
  });

  test("its socket is handed over as well, since we answer there", async () => {
    await using scene = await machine();
    await plantTimers(scene.machine.root, ["systemd-sysupdate.socket"]);
    systemctl(scene, "enable", "systemd-sysupdate.socket");
    const on = json(await scene.expect(0, ["enable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(on["takenOver"], ["systemd-sysupdate.socket"]);
    const off = json(await scene.expect(0, ["disable", "--json"])) as Record<string, unknown>;
    assert.deepEqual(off["givenBack"], ["systemd-sysupdate.socket"]);
  });

  test("without our units nothing changes, theirs stay on, and it says what to install", async () => {
    const one = await world.release("1");
    await using scene = await world.scene({ installed: [one] });
    await plantTimers(scene.machine.root, theirs);
    systemctl(scene, "enable", "systemd-sysupdate.timer");
    const before = await links(scene);
    const failed = await scene.run(["enable"]);
    assert.equal(failed.code, 1);
    assert.equal(reason(failed), "Cannot turn on holdfast-boot.service: it is not installed");
    assert.deepEqual(await links(scene), before);
  });

  test("a component has no units, and the tree of another machine does not reboot", async () => {
    await using scene = await machine();
    assert.equal((await scene.run(["enable", "--component=app"])).code, 2);
    assert.equal((await scene.run(["reboot"])).code, 2);
  });
});
