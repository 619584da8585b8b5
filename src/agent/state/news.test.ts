import assert from "node:assert/strict";
import { test } from "node:test";
import type { News } from "../../domain/news.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { rollbackMachine } from "../command/rollback.ts";
import { updateMachine } from "../command/update.ts";

type Short = Pick<News, "event" | "version" | "from" | "exitCode" | "code" | "command" | "ways" | "wayBack">;

/** What is told apart from sentences and sizes. */
function short({ event, version, from, exitCode, code, command, ways, wayBack }: News): Short {
  const facts = { event, version, from, exitCode, code, command, ways, wayBack };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as unknown as Short;
}

test("an update tells its beginning and its end, with versions, way back, bytes and how they came", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const { session, herald } = sessionOn(world);
  const report = await updateMachine(session);
  assert.deepEqual(herald.news.map(short), [
    { event: "planned", version: "2", from: "1", wayBack: "1" },
    { event: "updated", version: "2", from: "1", exitCode: 0, ways: ["whole"], wayBack: "1" },
  ]);
  assert.equal(herald.news.at(-1)?.bytes, report.transferredBytes);
  assert.ok(report.transferredBytes > 0);
});

test("a refusal and a failure tell the command, their name, and what it ends with", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const { session, herald } = sessionOn(world);
  await assert.rejects(rollbackMachine(session));
  await assert.rejects(rollbackMachine(session, { version: "7" }));
  assert.deepEqual(herald.news.map(short), [
    { event: "refused", command: "rollback", exitCode: 4, code: "no-way-back" },
    { event: "failed", command: "rollback", exitCode: 1, code: "not-installed" },
  ]);
  assert.match(herald.news[0]?.hint ?? "", /holdfast update VERSION/);
});

test("a switch tells what it leaves and why", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  await updateMachine(sessionOn(world).session);
  const { session, herald } = sessionOn(world);
  await rollbackMachine(session, { version: "1" });
  assert.deepEqual(herald.news.map(short), [{ event: "switched", version: "1", from: "2" }]);
  assert.deepEqual(herald.news[0]?.details, ["a person went back to 1"]);
});
