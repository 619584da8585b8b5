import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256, parseVersion } from "../../base/ids.ts";
import type { VersionRecord } from "../../domain/records.ts";
import { bareWorld, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import {
  forgetVersion,
  liftQuarantine,
  readFacts,
  removePin,
  saveFloor,
  saveHold,
  saveLastCheck,
  savePin,
  saveQuarantine,
  saveVersion,
  stateFolder,
} from "./state.ts";

const folder = "/var/lib/holdfast";
const two = parseVersion("2");
const version: VersionRecord = {
  format: 1,
  version: two,
  installedAtMs: 5,
  resources: [
    {
      transfer: "10-root",
      role: "image",
      place: { kind: "file", path: "/images/os_2.img" },
      sourceName: "os_2.img",
      sourceSha256: parseSha256("a".repeat(64)),
      content: { kind: "bytes", sha256: parseSha256("b".repeat(64)), sizeBytes: 7 },
      trust: "proven",
      stamp: "s",
      verifiedAtMs: 6,
    },
  ],
};
const quarantine = { format: 1, version: two, atMs: 1, evidence: "panic", text: "it panicked" } as const;

test("without any facts there are none", async () => {
  assert.deepEqual(await readFacts(sessionOn(bareWorld()).session), {
    versions: new Map(),
    quarantine: new Map(),
    pins: new Set(),
    hold: undefined,
    floor: { format: 1, sources: {} },
    lastCheck: undefined,
  });
});

test("every fact is read as it was saved, and is durable once it is", async () => {
  const world = bareWorld();
  const { session } = sessionOn(world);
  await saveVersion(session, version);
  await saveQuarantine(session, quarantine);
  await savePin(session, { format: 1, version: two, atMs: 1 });
  await saveHold(session, { format: 1, sinceMs: 1, untilMs: 2 });
  await saveFloor(session, { format: 1, sources: { "http://a": { signedAtMs: 3 } } });
  await saveLastCheck(session, { format: 1, atMs: 4, newest: "2" });
  assert.deepEqual(undecided(world), []);
  const facts = {
    versions: new Map([[two, version]]),
    quarantine: new Map([[two, quarantine]]),
    pins: new Set([two]),
    hold: { format: 1, sinceMs: 1, untilMs: 2 },
    floor: { format: 1, sources: { "http://a": { signedAtMs: 3 } } },
    lastCheck: { format: 1, atMs: 4, newest: "2" },
  };
  assert.deepEqual(await readFacts(session), facts);
});

test("every fact can be taken back, for good, and twice", async () => {
  const world = bareWorld();
  const { session } = sessionOn(world);
  await saveVersion(session, version);
  await saveQuarantine(session, quarantine);
  await savePin(session, { format: 1, version: two, atMs: 1 });
  await saveHold(session, { format: 1, sinceMs: 1 });
  for (let time = 0; time < 2; time++) {
    await forgetVersion(session, two);
    await liftQuarantine(session, two);
    await removePin(session, two);
    await saveHold(session, undefined);
  }
  assert.deepEqual(undecided(world), [], "no crash brings one back");
  const { versions, quarantine: left, pins, hold } = await readFacts(session);
  assert.deepEqual([versions.size, left.size, pins.size, hold], [0, 0, 0, undefined]);
});

test("a component has facts of its own", async () => {
  const world = bareWorld();
  const { session } = sessionOn(world, { component: "app" });
  assert.equal(stateFolder(session), `${folder}/components/app`);
  await savePin(session, { format: 1, version: two, atMs: 1 });
  assert.deepEqual([...(await readFacts(session)).pins], ["2"]);
  assert.deepEqual([...(await readFacts(sessionOn(world).session)).pins], []);
});

test("a fact that fails to be read once is read again", async () => {
  const world = bareWorld();
  const { session } = sessionOn(world);
  await saveVersion(session, version);
  await savePin(session, { format: 1, version: two, atMs: 1 });
  for (const name of ["open", "read"]) {
    for (const path of [`${folder}/versions/2.json`, `${folder}/pins/2.json`]) {
      const facts = await readFacts(sessionOn(world, {}, [{ name, subject: path, code: "io-error" }]).session);
      assert.deepEqual([[...facts.versions.keys()], [...facts.pins]], [["2"], ["2"]], `${name} ${path}`);
    }
  }
});

test("a damaged fact is a lost fact, and costs no other", async () => {
  const world = bareWorld({
    [`${folder}/versions/1.json`]: "{",
    [`${folder}/versions/2.json`]: JSON.stringify(version),
    [`${folder}/versions/3.json`]: JSON.stringify({ ...version, format: 2 }),
    [`${folder}/versions/.2.json.abc`]: JSON.stringify(version),
    [`${folder}/versions/2.txt`]: "",
    [`${folder}/versions/a b.json`]: JSON.stringify(version),
    [`${folder}/versions/4.json/x`]: "",
    [`${folder}/hold.json`]: Uint8Array.of(0xff),
    [`${folder}/floor.json`]: "[]",
    [`${folder}/last-check.json`]: '{"format":1,"atMs":-1}',
  });
  const facts = await readFacts(sessionOn(world).session);
  assert.deepEqual([...facts.versions.keys()], ["2"]);
  assert.deepEqual([facts.hold, facts.floor, facts.lastCheck], [undefined, { format: 1, sources: {} }, undefined]);
});

test("what a newer Holdfast wrote beside is read and written again", async () => {
  const newer = { ...version, epoch: 7, resources: [{ ...version.resources[0], verity: "c0ffee" }] };
  const world = bareWorld({ [`${folder}/versions/2.json`]: JSON.stringify(newer) });
  const { session } = sessionOn(world);
  const known = (await readFacts(session)).versions.get(two);
  assert.ok(known !== undefined);
  await saveVersion(session, { ...known, installedAtMs: 9 });
  assert.deepEqual((await readFacts(session)).versions.get(two), { ...newer, installedAtMs: 9 });
});
