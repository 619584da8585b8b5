import assert from "node:assert/strict";
import { test } from "node:test";
import type { Catalog } from "../../domain/resource.ts";
import { parseVersion } from "../../base/ids.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { type SampleSession, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { observe } from "../observe/observe.ts";
import { rememberCatalog } from "./remember.ts";
import type { Settings } from "../session.ts";
import { readFacts, saveFloor } from "./state.ts";

const facts = { location: "http://a/os", origin: "http://a/os", evidence: "signed", signer: "X" } as const;

function catalog(...signed: readonly (number | undefined)[]): Catalog {
  return {
    releases: [
      { version: parseVersion("3"), offers: [], missing: ["10-root"] },
      { version: parseVersion("2"), offers: [], missing: [] },
    ],
    withdrawn: new Set(),
    manifests: signed.map((signedAtMs, at) => ({ ...facts, origin: `http://${"ab"[at]}/os`, signedAtMs })),
    checkedAtMs: 500,
  };
}

async function remember(
  answer: Catalog | undefined,
  floor: Readonly<Record<string, number>> = {},
  settings: Partial<Settings> = {},
): Promise<SampleSession> {
  const run = sessionOn(sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] }).world, settings);
  const sources = Object.fromEntries(Object.entries(floor).map(([origin, signedAtMs]) => [origin, { signedAtMs }]));
  if (Object.keys(floor).length > 0) await saveFloor(run.session, { format: 1, sources });
  const seen = await observe(run.session, { catalog: false });
  await rememberCatalog(run.session, { ...seen, situation: { ...seen.situation, catalog: answer } });
  return run;
}

const floorOf = async ({ session }: SampleSession): Promise<unknown> => (await readFacts(session)).floor.sources;

test("the newest signature accepted from each source becomes its floor, and never sinks", async () => {
  assert.deepEqual(await floorOf(await remember(catalog(100, 200))), {
    "http://a/os": { signedAtMs: 100 },
    "http://b/os": { signedAtMs: 200 },
  });
  assert.deepEqual(await floorOf(await remember(catalog(100), { "http://a/os": 300, "http://c": 5 })), {
    "http://a/os": { signedAtMs: 300 },
    "http://c": { signedAtMs: 5 },
  });
  assert.deepEqual(await floorOf(await remember(catalog(400), { "http://a/os": 300 })), {
    "http://a/os": { signedAtMs: 400 },
  });
  assert.deepEqual(await floorOf(await remember(catalog(undefined))), {});
});

test("an index has a floor of its own, which the pair that is signed after it neither raises nor removes", async () => {
  const facts = (signedAtMs: number, serial?: number): Catalog => {
    const answer = catalog(signedAtMs);
    return {
      ...answer,
      manifests: answer.manifests.map((each) => (serial === undefined ? each : { ...each, serial })),
    };
  };
  const { session } = await remember(facts(100, 7));
  const floor = async (): Promise<unknown> => (await readFacts(session)).floor.sources["http://a/os"];
  const next = async (answer: Catalog): Promise<void> => {
    const seen = await observe(session, { catalog: false });
    await rememberCatalog(session, { ...seen, situation: { ...seen.situation, catalog: answer } });
  };
  assert.deepEqual(await floor(), { signedAtMs: 100, index: { serial: 7, signedAtMs: 100 } });
  await next(facts(130));
  assert.deepEqual(await floor(), { signedAtMs: 130, index: { serial: 7, signedAtMs: 100 } });
  await next(facts(120, 8));
  assert.deepEqual(await floor(), { signedAtMs: 130, index: { serial: 8, signedAtMs: 120 } });
});

test("installed versions that were taken back are remembered with the answer", async () => {
  const { session } = await remember({ ...catalog(100), withdrawn: new Set(["1", "9"].map(parseVersion)) });
  assert.deepEqual((await readFacts(session)).lastCheck?.withdrawn, ["1"]);
});

test("when the sources answered is remembered, with the newest complete version", async () => {
  const { session } = await remember(catalog(100, 200));
  assert.deepEqual((await readFacts(session)).lastCheck, { format: 1, atMs: 500, signedAtMs: 200, newest: "2" });
  const unsigned = await remember({ ...catalog(undefined), releases: [] });
  assert.deepEqual((await readFacts(unsigned.session)).lastCheck, { format: 1, atMs: 500 });
});

test("nothing is learnt offline, or where nobody was asked", async () => {
  for (const run of [await remember(catalog(100), {}, { offline: true }), await remember(undefined)]) {
    assert.deepEqual([await floorOf(run), (await readFacts(run.session)).lastCheck], [{}, undefined]);
  }
});

test("who may not write here has checked all the same, and is told that it is not remembered", async () => {
  const world = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] }).world;
  const run = sessionOn(world, {}, [
    { name: "open", subject: "/var/lib/holdfast/*", times: Number.POSITIVE_INFINITY, code: "read-only" },
  ]);
  const seen = { ...(await observe(sessionOn(world).session, { catalog: true })) };
  await rememberCatalog(run.session, seen);
  assert.deepEqual(
    run.progress.events.map(({ kind }) => kind),
    ["warning"],
  );
});
