import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimWorld } from "../../sim/machine.ts";
import { update } from "../../sim/scenario/commands.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { rebootMachine, whoMinds } from "./reboot.ts";

const minded = `Operation inhibited by "backup" (PID 812 "restic", user root), reason is "Backup".
User ada is logged in on tty1.
Please retry operation after closing inhibitors and logging out other users.
Alternatively, ignore inhibitors and users with 'systemctl reboot -i'.
`;

interface Scene {
  readonly world: SimWorld;
  /** What systemctl was called with. */
  readonly calls: readonly (readonly string[])[];
}

/** Version 1 runs, and 2 boots next where it was installed. */
async function scene(options: { readonly due: boolean; readonly stderr?: string }): Promise<Scene> {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  if (options.due) await update(world.run().machine);
  const calls: (readonly string[])[] = [];
  const systemctl = (args: readonly string[]): { exitCode: number; stdout: string; stderr: string } => {
    calls.push(args);
    return { exitCode: options.stderr === undefined ? 0 : 1, stdout: "", stderr: options.stderr ?? "" };
  };
  Object.assign(world.options, { programs: { ...world.options.programs, systemctl } });
  return { world, calls };
}

test("a machine reboots when another version boots next, and asks who minds", async () => {
  const { world, calls } = await scene({ due: true });
  const report = await rebootMachine(sessionOn(world).session, { now: false });
  assert.deepEqual(report, { outcome: "rebooting", running: "1", bootsNext: "2", because: "version 2 boots next" });
  assert.deepEqual(calls, [["reboot", "--check-inhibitors=yes"]]);
});

test("it does not when what runs boots next", async () => {
  const { world, calls } = await scene({ due: false });
  const { outcome, because } = await rebootMachine(sessionOn(world).session, { now: true });
  assert.deepEqual([outcome, because, calls], ["not-due", "version 1 runs, and boots next", []]);
});

test("it does not while somebody minds, and may a quarter of an hour later", async () => {
  const { world, calls } = await scene({ due: true, stderr: minded });
  for (let tries = 1; tries <= 2; tries++) {
    const { outcome, because } = await rebootMachine(sessionOn(world).session, { now: false });
    assert.equal(outcome, "not-now");
    assert.match(because, /^Operation inhibited by "backup".* User ada is logged in on tty1\.$/);
    assert.equal(calls.length, tries);
  }
});

test("it does not twice within a day for a version that did not come up, unless a person says so", async () => {
  const { world, calls } = await scene({ due: true });
  assert.equal((await rebootMachine(sessionOn(world).session, { now: false })).outcome, "rebooting");
  const { outcome, because } = await rebootMachine(sessionOn(world).session, { now: false });
  assert.deepEqual(
    [outcome, because, calls.length],
    ["not-now", "the machine was rebooted for version 2 lately, and it is not what runs", 1],
  );
  assert.equal((await rebootMachine(sessionOn(world).session, { now: true })).outcome, "rebooting");
  assert.deepEqual(calls.at(-1), ["reboot", "--check-inhibitors=no"]);
});

test("a reboot that fails for another reason is a failure", async () => {
  const { world } = await scene({ due: true, stderr: "Failed to connect to bus\n" });
  await assert.rejects(rebootMachine(sessionOn(world).session, { now: false }), {
    code: "reboot-failed",
    message: "Cannot reboot: systemctl says Failed to connect to bus",
  });
});

test("what systemctl says of who minds is taken, and its advice is not", () => {
  assert.equal(whoMinds("Call to Reboot failed: Interactive authentication required.\n"), undefined);
  assert.equal(whoMinds("User ada is logged in on tty1.\nPlease retry.\n"), "User ada is logged in on tty1.");
});
