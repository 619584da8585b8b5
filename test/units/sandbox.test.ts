// The units as systemd reads them: nothing in them is unknown to it, and how much each may do is a figure that must not
// grow unnoticed. docs/units.md gives the figures, and a reason for each exception.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { parseUnit } from "../../src/format/unit-file.ts";
import { installUnits, unitFolder } from "./installed-units.ts";

const { status, stdout: versionText } = spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" });
const version = Number(/^systemd (\d+)/.exec(versionText)?.[1]);
/** `--offline` came with 250. */
const skip = status !== 0 || version < 250 ? "there is no systemd-analyze here" : false;
/** Versions weigh a little differently; the page has the figures of this one. */
const versionOfPage = 252;

/** Exposure, from 0 to 10; those with a limit by the issue, and the others as they are. */
const mostAllowed: Readonly<Record<string, number>> = {
  "holdfast-fetch@x.service": 1.5,
  "holdfast-update.service": 3.5,
  "holdfast-reboot.service": 1.5,
  "holdfast-control@x.service": 3.5,
  "holdfast-varlink@x.service": 3.5,
};

let root = "";
let units: readonly string[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), "holdfast-units-"));
  await mkdir(join(root, "usr/lib/systemd"), { recursive: true });
  if (skip === false) await cp("/usr/lib/systemd/system", join(root, "usr/lib/systemd/system"), { recursive: true });
  await mkdir(join(root, "usr/bin"));
  await writeFile(join(root, "usr/bin/holdfast"), "#!/bin/sh\n", { mode: 0o755 });
  units = await installUnits(root);
});
after(async () => rm(root, { recursive: true, force: true }));

function analyze(...args: readonly string[]): string {
  const ended = spawnSync("systemd-analyze", [...args], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  return `${ended.stdout}${ended.stderr}`;
}

/** What systemd-analyze makes of a unit file of ours. */
function exposure(unit: string): number {
  const said = analyze("security", "--offline=true", `--root=${root}`, "--no-pager", unit);
  const figure = /Overall exposure level for .*: ([\d.]+)/.exec(said)?.[1];
  assert.ok(figure !== undefined, said);
  return Number(figure);
}

async function settings(unit: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(unitFolder, unit), "utf8");
  const { assignments } = parseUnit({ path: unit, text }, new Set(["Unit", "Service", "Socket", "Timer", "Install"]));
  return new Map(assignments.map(({ key, value }) => [key, value]));
}

suite("The units", { skip }, () => {
  test("nothing in them is unknown to systemd, and nothing they name is missing", () => {
    const paths = units.map((name) => join(root, "usr/lib/systemd/system", name));
    const said = analyze("verify", "--man=no", `--root=${root}`, ...paths);
    assert.deepEqual(
      said.split("\n").filter((line) => line.includes("holdfast")),
      [],
    );
  });

  for (const [unit, most] of Object.entries(mostAllowed))
    test(`${unit} may do no more than ${most} of 10, and the page says how much`, async () => {
      const found = exposure(unit);
      assert.ok(found <= most, `${found}`);
      if (version !== versionOfPage) return;
      const page = await readFile(join(import.meta.dirname, "../../docs/units.md"), "utf8");
      assert.ok(page.includes(`| \`${unit.replace("@x", "@")}\` | ${found.toFixed(1)} |`), `${unit} ${found}`);
    });

  test("the installer has no network, and the child that fetches has no rights", async () => {
    const installer = await settings("holdfast-update.service");
    assert.deepEqual(
      ["PrivateNetwork", "IPAddressDeny", "RestrictAddressFamilies"].map((key) => installer.get(key)),
      ["yes", "any", "AF_UNIX"],
    );
    const fetcher = await settings("holdfast-fetch@.service");
    assert.deepEqual(
      ["DynamicUser", "CapabilityBoundingSet", "NoNewPrivileges"].map((key) => fetcher.get(key)),
      ["yes", "", "yes"],
    );
    assert.equal((await settings("holdfast-fetch.socket")).get("SocketMode"), "0600");
  });

  test("what would put a mount over the ESP is in no sandbox of a unit that installs", async () => {
    for (const unit of ["systemd/holdfast-update.service", "varlink/holdfast-control@.service"]) {
      const installer = await settings(`../${unit}`);
      for (const key of ["ProtectSystem", "ReadOnlyPaths", "InaccessiblePaths", "BindPaths", "TemporaryFileSystem"])
        assert.equal(installer.get(key), undefined, `${unit} ${key}`);
      assert.equal(installer.get("ReadWritePaths"), "-/sys/firmware/efi/efivars");
    }
  });

  test("an exit code that would be the same again is not tried again, and nothing newer is a success", async () => {
    const installer = await settings("holdfast-update.service");
    assert.equal(installer.get("SuccessExitStatus"), "3 5");
    assert.equal(installer.get("RestartPreventExitStatus"), "2 4 7");
    assert.equal(installer.get("Restart"), "on-failure");
  });

  test("nothing is on by preset", async () => {
    const preset = await readFile(join(unitFolder, "80-holdfast.preset"), "utf8");
    assert.deepEqual(
      preset.split("\n").filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("disable ")),
      [],
    );
  });
});
