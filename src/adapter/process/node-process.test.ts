import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeProcess } from "./node-process.ts";

const machine = nodeProcess({
  root: "/",
  env: { PATH: process.env["PATH"], HOLDFAST_TEST: "yes", SECRET: "no", LANG: "de_DE.UTF-8" },
});

test("a program runs without a shell, in the C locale, and sees nothing of our environment", async () => {
  assert.deepEqual(await machine.run("echo", ["$HOME", "a b; c"]), {
    exitCode: 0,
    stdout: "$HOME a b; c\n",
    stderr: "",
  });
  const { stdout } = await machine.run("env", []);
  assert.deepEqual(
    stdout
      .split("\n")
      .map((line) => line.split("=")[0])
      .toSorted((a = "", b = "") => (a < b ? -1 : 1)),
    ["", "LC_ALL", "PATH"],
  );
});

test("exit codes, signals and both outputs come back", async () => {
  assert.deepEqual(await machine.run("sh", ["-c", "echo out; echo err >&2; exit 3"]), {
    exitCode: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
  assert.equal((await machine.run("sh", ["-c", "kill -9 $$"])).exitCode, 137);
});

test("standard input is handed over, and a program that ignores it does no harm", async () => {
  assert.equal((await machine.run("cat", [], { stdin: "hello" })).stdout, "hello");
  assert.equal((await machine.run("true", [], { stdin: "x".repeat(1_000_000) })).exitCode, 0);
});

test("output is kept up to one MiB and the program still ends", async () => {
  const { exitCode, stdout } = await machine.run("sh", ["-c", "head -c 3000000 /dev/zero; exit 4"]);
  assert.deepEqual([exitCode, stdout.length], [4, 1024 * 1024]);
});

test("a missing program and an endless one are Faults", async () => {
  await assert.rejects(machine.run("holdfast-no-such-program", []), { code: "tool-missing" });
  await assert.rejects(machine.run("sleep", ["60"], { timeoutMs: 50 }), { code: "timed-out" });
});

test("only documented variables are read", () => {
  assert.equal(machine.environment("HOLDFAST_TEST"), "yes");
  assert.equal(machine.environment("SYSTEMD_ESP_PATH"), undefined);
  assert.throws(() => machine.environment("SECRET"), /not a documented variable/);
});

test("the boot id is that of the running machine and of no other tree", async () => {
  assert.match((await machine.bootId()) ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(await nodeProcess({ root: "/srv/tree" }).bootId(), undefined);
  await assert.rejects(nodeProcess({ root: "/srv/tree" }).reboot(), { code: "not-running" });
});
