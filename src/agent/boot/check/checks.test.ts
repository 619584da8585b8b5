import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../../../base/fault.ts";
import type { CheckResult } from "../../../domain/boot/health.ts";
import type { Process, RunResult } from "../../../port/process.ts";
import type { SimWorld } from "../../../sim/machine.ts";
import { sampleOf } from "../../../sim/scenario/listed.ts";
import { sessionOn } from "../../../sim/scenario/session.fixture.ts";
import type { Session } from "../../session.ts";
import { saveFineUnits } from "../boot-state.ts";
import { runChecks } from "./run-checks.ts";

const ended = (exitCode: number, stdout = "", stderr = ""): RunResult => ({ exitCode, stdout, stderr });

/** A session whose programs answer as told; what was started is remembered, with its time. */
function sessionWith(
  world: SimWorld,
  answers: Readonly<Record<string, (timeoutMs: number | undefined) => RunResult | Fault>>,
): { readonly session: Session; readonly started: string[] } {
  const { session } = sessionOn(world);
  const started: string[] = [];
  const { process: own } = session.machine;
  const process: Process = {
    pid: own.pid,
    isRoot: own.isRoot,
    architecture: own.architecture,
    hostName: own.hostName,
    kernelRelease: own.kernelRelease,
    environment: (name) => own.environment(name),
    bootId: () => own.bootId(),
    reboot: () => own.reboot(),
    run: async (program, args, options) => {
      const answer = answers[program] ?? answers[args[0] ?? ""];
      if (answer === undefined) throw new Fault("tool-missing", `Cannot run ${program}: it is not installed`);
      started.push([program, ...args].join(" "));
      const result = answer(options?.timeoutMs);
      if (result instanceof Fault) throw result;
      return result;
    },
  };
  return { session: { ...session, machine: { ...session.machine, process } }, started };
}

const machine = (files: Readonly<Record<string, string>> = {}): SimWorld => {
  const { world } = sampleOf(1, "files", ["1"], ["1"]);
  for (const [path, text] of Object.entries(files)) {
    if (text.startsWith("->")) world.tree.plantLink(path, text.slice(2));
    else world.tree.plant(path, text);
  }
  return world;
};

async function resultOf(session: Session, name: string): Promise<CheckResult | undefined> {
  const { health } = await runChecks(session);
  return health.results.find((result) => result.name === name);
}

const told = (result: CheckResult | undefined): string => `${result?.state} ${result?.text}`;

describe("checks that are programs", () => {
  test("run in greenboot's folders and ours, scripts by bash or else by sh", async () => {
    const world = machine({
      "/etc/greenboot/check/required.d/10-a.sh": "exit 0",
      "/usr/lib/greenboot/check/required.d/20-off.sh": "exit 1",
      "/etc/greenboot/check/required.d/20-off.sh": "->/dev/null",
      "/usr/lib/holdfast/check/wanted.d/30-w.sh": "exit 4",
    });
    const answers = {
      "/etc/greenboot/check/required.d/10-a.sh": () => ended(0, "fine\n"),
      "/usr/lib/holdfast/check/wanted.d/30-w.sh": () => ended(4),
    };
    const { session, started } = sessionWith(world, answers);
    const { health } = await runChecks(session);
    assert.equal(health.verdict, "good");
    assert.deepEqual(started, [
      "bash /etc/greenboot/check/required.d/10-a.sh",
      "bash /usr/lib/holdfast/check/wanted.d/30-w.sh",
    ]);
    assert.deepEqual(
      health.results.slice(-2).map((result) => `${result.name} ${told(result)}`),
      ["10-a.sh passed fine", "30-w.sh failed exit code 4"],
    );
  });

  test("fail where they exit with another code than 0, take too long, or are no programs", async () => {
    const path = "/etc/holdfast/check/required.d/10-site.sh";
    const table: readonly (readonly [(timeoutMs: number | undefined) => RunResult | Fault, string])[] = [
      [() => ended(1, "a\nb\n", "c\n"), "failed exit code 1: c"],
      [() => ended(137), "failed exit code 137"],
      [() => new Fault("timed-out", "Cannot wait"), "failed no end after 60 s"],
      [() => ended(0), "passed "],
    ];
    for (const [answer, expected] of table) {
      const { session } = sessionWith(machine({ [path]: "x" }), { [path]: answer });
      assert.equal(told(await resultOf(session, "10-site.sh")), expected);
    }
    const { session } = sessionWith(machine({ "/etc/holdfast/check/required.d/data": "x" }), {});
    assert.equal(
      told(await resultOf(session, "data")),
      "failed Cannot run /etc/holdfast/check/required.d/data: it is not executable",
    );
  });

  test("have what is left of the common deadline, and fail without a word of their own when nothing is left", async () => {
    const [slow, late] = ["/etc/holdfast/check/required.d/10-slow.sh", "/etc/holdfast/check/required.d/20-late.sh"];
    const world = machine({ [slow]: "x", [late]: "x" });
    const times: (number | undefined)[] = [];
    const { session } = sessionWith(world, {
      [slow]: (timeoutMs) => {
        times.push(timeoutMs);
        world.clock.pass(100_000);
        return ended(0);
      },
      [late]: () => ended(0),
    });
    const { health } = await runChecks(session, { deadlineMs: 90_000, programMs: 60_000 });
    assert.deepEqual(times, [60_000]);
    assert.deepEqual(health.failed, [{ name: "20-late.sh", text: "there was no time left to run it" }]);
  });

  test("that are broken off judge nothing", async () => {
    const { session, abort } = sessionOn(machine());
    abort();
    await assert.rejects(runChecks(session), { code: "interrupted" });
  });

  test("say no more than the end of what they wrote", async () => {
    const path = "/etc/holdfast/check/required.d/10-loud.sh";
    const { session } = sessionWith(machine({ [path]: "x" }), { [path]: () => ended(1, "x".repeat(100_000)) });
    const result = await resultOf(session, "10-loud.sh");
    assert.equal(result?.output?.length, 4097);
    assert.ok(result.text.length < 400);
  });
});

describe("the units of systemd", () => {
  const units = (...lines: readonly string[]) => ({
    systemctl: () => ended(0, lines.map((line) => `${line}\n`).join("")),
  });

  test("tell against a version only where one fails that was fine under the last good one", async () => {
    const table: readonly (readonly [fine: readonly string[] | undefined, expected: string])[] = [
      [["ssh.service"], "failed ssh.service failed and did not under version 1"],
      [["other.service"], "passed ssh.service failed, which was not fine under version 1"],
      [undefined, "passed ssh.service failed, which nobody can compare"],
    ];
    for (const [fine, expected] of table) {
      const { session } = sessionWith(
        machine(),
        units("ssh.service loaded failed failed SSH", "a.service loaded active running A"),
      );
      if (fine !== undefined) await saveFineUnits(session, { format: 1, version: "1" as never, atMs: 1, fine });
      assert.equal(told(await resultOf(session, "system-units")), expected);
    }
  });

  test("are not held against a version where the network may be at fault", async () => {
    const { session } = sessionWith(machine(), {
      systemctl: () => ended(0, "wait.service loaded failed failed W\n"),
    });
    const { process } = session.machine;
    const run: Process["run"] = (program, args, options) =>
      args[0] === "show"
        ? Promise.resolve(ended(0, "Id=wait.service\nAfter=\nBefore=network-online.target\n"))
        : process.run(program, args, options);
    await saveFineUnits(session, { format: 1, atMs: 1, fine: ["wait.service"] });
    const offline = { ...session, machine: { ...session.machine, process: { ...process, run } } };
    assert.equal(
      told(await resultOf(offline, "system-units")),
      "passed wait.service failed, which may be the network's fault",
    );
  });

  test("are not looked at where systemd does not run", async () => {
    const { session } = sessionWith(machine(), {});
    assert.equal(told(await resultOf(session, "system-units")), "skipped systemd does not run here");
    const { session: offline } = sessionWith(machine(), { systemctl: () => ended(1) });
    assert.equal(told(await resultOf(offline, "system-units")), "skipped systemd does not run here");
  });
});

describe("a version that could not update itself again is not good", () => {
  const table: readonly (readonly [what: string, change: (world: SimWorld) => void, check: string, text: RegExp])[] = [
    [
      "no definition is left",
      (world) => {
        world.tree.uproot("/usr/lib/sysupdate.d/10-root.transfer");
        world.tree.uproot("/usr/lib/sysupdate.d/20-uki.transfer");
      },
      "definitions",
      /^Cannot find definitions: there are none in/,
    ],
    [
      "its keyring is gone",
      (world) => world.tree.uproot("/usr/lib/systemd/import-pubring.pgp"),
      "definitions",
      /there is no keyring at/,
    ],
    [
      "its keyring is damaged",
      (world) => world.tree.plant("/usr/lib/systemd/import-pubring.pgp", "junk"),
      "definitions",
      /keyring/,
    ],
    [
      "its definitions know none of its files",
      (world) => world.tree.plant("/etc/os-release", "ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=7\n"),
      "installation",
      /os-release says 7/,
    ],
  ];
  for (const [what, change, check, text] of table) {
    test(`where ${what}`, async () => {
      const world = machine();
      world.variables.clear();
      change(world);
      const { health } = await runChecks(sessionOn(world).session);
      assert.equal(health.verdict, "bad");
      assert.match(health.failed.find(({ name }) => name === check)?.text ?? "", text);
    });
  }

  test("while one that is whole says what was read", async () => {
    const { health } = await runChecks(sessionOn(machine()).session);
    assert.equal(health.verdict, "good");
    assert.match(health.results.find(({ name }) => name === "next-update")?.text ?? "", /^an update could be planned/);
  });
});
