import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { bugReport } from "./bug-report.ts";
import { record } from "../state/journal.ts";

const machineId = "0123456789abcdef0123456789abcdef";

test("a report has what a developer needs", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  const report = await bugReport(sessionOn(world).session);
  assert.deepEqual(Object.keys(report), [
    "format",
    "holdfast",
    "madeAtMs",
    "architecture",
    "kernel",
    "live",
    "definitions",
    "lint",
    "status",
    "journal",
  ]);
  JSON.stringify(report);
});

test("no name of host or machine and no password is in it, wherever it stands", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  world.tree.plant("/etc/machine-id", `${machineId}\n`);
  world.tree.plant(
    "/usr/lib/sysupdate.d/30-more.transfer",
    "[Source]\nType=url-file\nPath=http://me:p@ss@updates.example/%m/%H?token=secret\nMatchPattern=more_@v\n[Target]\nType=regular-file\nPath=/more/%m/%H\nMatchPattern=more_@v\n",
  );
  world.tree.plant(`/efi/loader/entries/${machineId}-6.1.conf`, "title Other\nlinux /vmlinuz\n");
  const { session } = sessionOn(world);
  await record(session, "failed", undefined, "Cannot reach https://you:word@b.example/?key=k1 from simulated");
  const text = JSON.stringify(await bugReport(session));
  for (const secret of [
    machineId,
    "me:p",
    "p@ss",
    "ss@",
    "token",
    "secret",
    "you:word",
    "k1",
    "simulated/",
    "from simulated",
  ]) {
    assert.ok(
      !text.includes(secret),
      `${secret} in ${text.slice(Math.max(0, text.indexOf(secret) - 80), text.indexOf(secret) + 80)}`,
    );
  }
  assert.ok(text.includes("/more/<machine-id>/<host>"));
});

test("a part that cannot be had is itself reported", async () => {
  const report = await bugReport(sessionOn(bareWorld()).session);
  const { code } = report["definitions"] as { readonly code: string };
  assert.equal(code, "no-definitions");
  assert.deepEqual(report["journal"], []);
});

test("the journal's last 200 lines are in it", async () => {
  const lines = Array.from({ length: 300 }, (_, index) =>
    JSON.stringify({ atMs: 1, event: "done", text: `line ${index}` }),
  );
  const world = bareWorld({ "/var/lib/holdfast/journal.jsonl": lines.join("\n") });
  const { journal } = await bugReport(sessionOn(world).session);
  const texts = (journal as readonly { readonly text: string }[]).map(({ text }) => text);
  assert.deepEqual([texts.length, texts[0], texts.at(-1)], [200, "line 100", "line 299"]);
});
