// The units that tell a person at the desktop, read by systemd itself; started by nothing but what they wait for.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { noticePath } from "../../src/agent/standing/show.ts";
import { World } from "../e2e/world.ts";
import { installUnits } from "../units/installed-units.ts";

const folder = join(import.meta.dirname, "../../packaging/systemd-user");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

test("systemd finds nothing amiss in the user units", { skip: hasSystemd ? false : "no systemd-analyze" }, () => {
  const place = mkdtempSync(join(tmpdir(), "holdfast-user-units-"));
  try {
    const names = readdirSync(folder).filter((name) => !name.endsWith(".preset"));
    for (const name of names) {
      const text = readFileSync(join(folder, name), "utf8").replaceAll("/usr/bin/holdfast", "/bin/true");
      writeFileSync(join(place, name), text);
    }
    const paths = names.map((name) => join(place, name));
    const env = { PATH: process.env["PATH"], LC_ALL: "C", XDG_RUNTIME_DIR: place, HOME: place };
    const { stderr } = spawnSync("systemd-analyze", ["verify", "--user", "--man=no", ...paths], {
      encoding: "utf8",
      env,
    });
    assert.deepEqual(
      stderr.split("\n").filter((line) => line.includes("holdfast-notify")),
      [],
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

test("holdfast enable turns them on for everybody's sessions, and disable off", {
  skip: hasSystemd ? false : "no systemctl",
}, async () => {
  await using world = await World.create();
  await using scene = await world.scene({ installed: [await world.release("1")] });
  const { root } = scene.machine;
  await installUnits(root);
  mkdirSync(join(root, "usr/lib/systemd/user"), { recursive: true });
  const units = readdirSync(folder).filter((name) => !name.endsWith(".preset"));
  for (const name of units) copyFileSync(join(folder, name), join(root, "usr/lib/systemd/user", name));
  const state = (): readonly string[] =>
    units.map((unit) => {
      const args = [`--root=${root}`, "--global", "is-enabled", unit];
      return spawnSync("systemctl", args, { encoding: "utf8" }).stdout.trim();
    });
  const off = units.map(() => "disabled");
  assert.deepEqual(state(), off);
  await scene.expect(0, ["enable"]);
  assert.deepEqual(
    state(),
    units.map(() => "enabled"),
  );
  await scene.expect(0, ["enable"]);
  await scene.expect(0, ["disable"]);
  assert.deepEqual(state(), off);
});

test("they wait for the file that the agent writes", () => {
  for (const [name, line] of [
    ["holdfast-notify.path", `PathChanged=${noticePath}`],
    ["holdfast-notify.service", `ConditionPathExists=${noticePath}`],
  ] as const)
    assert.ok(readFileSync(join(folder, name), "utf8").split("\n").includes(line), name);
});
