// With a program in the place of pkcheck; test/interop/varlink.test.ts asks a real polkitd.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import type { RunResult } from "../../port/process.ts";
import { polkitAuthority } from "./polkit.ts";

const uid = process.geteuid?.() ?? 0;

interface Pkcheck {
  readonly asked: (readonly string[])[];
  readonly said: string[];
  readonly ask: (pid: number, uid: number, interactive?: boolean) => Promise<string>;
}

function pkcheck(answer: Partial<RunResult> | Fault): Pkcheck {
  const asked: (readonly string[])[] = [];
  const said: string[] = [];
  const authority = polkitAuthority(
    {
      async run(program, args, options) {
        asked.push([program, ...args, `${options?.timeoutMs}`]);
        if (answer instanceof Fault) throw answer;
        return { exitCode: 0, stdout: "", stderr: "", ...answer };
      },
    },
    (line) => said.push(line),
  );
  return {
    asked,
    said,
    ask: (pid, user, interactive = false) => authority.ask("org.holdfast.update", { pid, uid: user }, interactive),
  };
}

function startTicks(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

test("pkcheck is asked about the process, since when it runs, and the user that systemd noted", async () => {
  const { ask, asked } = pkcheck({});
  const subject = `${process.ppid},${startTicks(process.ppid)},${uid}`;
  assert.equal(await ask(process.ppid, uid), "granted");
  assert.equal(await ask(process.ppid, uid, true), "granted");
  const common = ["pkcheck", "--action-id", "org.holdfast.update", "--process", subject];
  assert.deepEqual(asked, [
    [...common, "10000"],
    [...common, "--allow-user-interaction", "300000"],
  ]);
});

test("its exit codes are verdicts, and whatever else it ends with is no", async () => {
  const verdicts: Readonly<Record<number, string>> = {
    0: "granted",
    1: "denied",
    2: "needs-authentication",
    3: "denied",
  };
  for (const [exitCode, verdict] of Object.entries(verdicts)) {
    const { ask, said } = pkcheck({ exitCode: Number(exitCode) });
    assert.deepEqual([await ask(process.ppid, uid), said], [verdict, []]);
  }
  const failed = pkcheck({ exitCode: 127, stderr: "no polkit\n" });
  assert.equal(await failed.ask(process.ppid, uid), "denied");
  assert.deepEqual(failed.said, ["Cannot ask polkit about org.holdfast.update: no polkit"]);
  const missing = pkcheck(new Fault("tool-missing", "Cannot run pkcheck: it is not installed"));
  assert.equal(await missing.ask(process.ppid, uid), "denied");
  assert.deepEqual(missing.said, [
    "Cannot ask polkit about org.holdfast.update: Cannot run pkcheck: it is not installed",
  ]);
});

test("a process that started after this one, belongs to another user or is gone is not asked about", async () => {
  const child = spawn("sleep", ["60"]);
  try {
    await once(child, "spawn");
    const { ask, asked } = pkcheck({});
    assert.ok(BigInt(startTicks(child.pid ?? 0)) > BigInt(startTicks(process.pid)), "ticks are coarser than thought");
    assert.equal(await ask(child.pid ?? 0, uid), "denied");
    assert.equal(await ask(process.ppid, uid + 1), "denied");
    assert.equal(await ask(4_000_000, uid), "denied");
    assert.equal(await ask(0, uid), "denied");
    assert.deepEqual(asked, []);
  } finally {
    child.kill();
  }
});
