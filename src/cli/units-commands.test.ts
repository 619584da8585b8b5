import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleUpdate } from "./sample-reports.ts";
import { runSample } from "./sample-world.ts";

test("an automatic update asks first whether this is the time, and does nothing when it is not", async () => {
  const answers = { notNow: () => "the connection is metered", update: () => sampleUpdate };
  const { stdout, exitCode, calls } = await runSample(["update", "--automatic", "--even=battery"], { answers });
  assert.equal(stdout, "This is no time for an update: the connection is metered.\n");
  assert.equal(exitCode, 3);
  assert.deepEqual(
    calls.map(({ deed, rest }) => [deed, rest]),
    [["notNow", [["battery"]]]],
  );
});

test("when it is the time it is an update like any other; and without the option nobody is asked", async () => {
  const answers = { notNow: () => undefined, update: () => sampleUpdate };
  const automatic = await runSample(["update", "--automatic"], { answers });
  assert.deepEqual([automatic.calls.map(({ deed }) => deed), automatic.exitCode], [["notNow", "update"], 0]);
  const plain = await runSample(["update"], { answers });
  assert.deepEqual(
    plain.calls.map(({ deed }) => deed),
    ["update"],
  );
});

test("enable says what it turned on, what it turned off, and when a new version starts", async () => {
  const report = { turnedOn: ["holdfast-update.timer"], wereOn: [], takenOver: ["systemd-sysupdate.timer"] };
  const first = await runSample(["enable"], { answers: { enable: () => ({ ...report, reboots: false }) } });
  assert.equal(
    first.stdout,
    "Updates come by themselves now.\n" +
      "A new version starts with the next boot, whenever that is; `holdfast enable --reboot` brings it about at night.\n" +
      "\nTurned on:\n  holdfast-update.timer\n" +
      "\nTurned off, for they do the same work (`holdfast disable` gives them back):\n  systemd-sysupdate.timer\n",
  );
  assert.deepEqual(first.calls[0]?.rest, [{ reboot: false }]);
  const nothing = { turnedOn: [], wereOn: ["holdfast-update.timer"], takenOver: [], reboots: true };
  const again = await runSample(["enable", "--reboot", "--root=image"], { answers: { enable: () => nothing } });
  assert.match(again.stdout, /^Updates come by themselves already\.\nAt night the machine reboots/);
  assert.deepEqual(again.calls[0]?.rest, [{ reboot: true, root: "/here/image" }]);
});

test("disable says what is off, what is on again, and that boots are judged", async () => {
  const report = { turnedOff: ["holdfast-update.timer"], givenBack: ["systemd-sysupdate.timer"], stayOn: ["x"] };
  const { stdout, calls } = await runSample(["disable"], { answers: { disable: () => report } });
  assert.equal(
    stdout,
    "Updates no longer come by themselves.\n\nTurned off:\n  holdfast-update.timer\n" +
      "\nOn again, as before:\n  systemd-sysupdate.timer\n" +
      "\nBoots are still judged; `holdfast disable --all` turns that off too.\n",
  );
  assert.deepEqual(calls[0]?.rest, [{ all: false }]);
});

test("reboot ends with 3 when it does not, and says why", async () => {
  const cases = [
    ["rebooting", "Rebooting: because.\n", 0],
    ["not-due", "No reboot is due: because.\n", 3],
    ["not-now", "Not rebooting now: because.\n", 3],
  ] as const;
  for (const [outcome, text, code] of cases) {
    const report = { outcome, running: "1", bootsNext: "2", because: "because" };
    const { stdout, exitCode } = await runSample(["reboot"], { answers: { reboot: () => report } });
    assert.deepEqual([stdout, exitCode], [text, code]);
  }
});
