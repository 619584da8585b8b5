// The units that tell a person at the desktop, read by systemd itself; started by nothing but what they wait for.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { noticePath } from "../../src/agent/standing/show.ts";

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
    const { stderr } = spawnSync("systemd-analyze", ["verify", "--user", "--man=no", ...paths], { encoding: "utf8", env });
    assert.deepEqual(
      stderr.split("\n").filter((line) => line.includes("holdfast-notify")),
      [],
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

test("they wait for the file that the agent writes", () => {
  for (const [name, line] of [
    ["holdfast-notify.path", `PathChanged=${noticePath}`],
    ["holdfast-notify.service", `ConditionPathExists=${noticePath}`],
  ] as const)
    assert.ok(readFileSync(join(folder, name), "utf8").split("\n").includes(line), name);
});
