import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../base/ids.ts";
import { tinyUki } from "../../format/pe.fixture.ts";
import type { Content } from "../../sim/disk/content.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { type SampleSession, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { update } from "../../sim/scenario/commands.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { readJournal } from "../state/journal.ts";
import { observe } from "../observe/observe.ts";
import { nextVersion } from "../command/report-lines.ts";
import { readFacts } from "../state/state.ts";
import { switchTo } from "./switch.ts";

const folder = "/efi/EFI/Linux";
const one = parseVersion("1");

/** Version 2 is installed, booted and found good; version 1 is its way back. */
async function updated(): Promise<SimWorld> {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  await update(world.run().machine);
  world.tree.shift(`${folder}/os_2+3-0.efi`, `${folder}/os_2.efi`);
  world.tree.plant("/etc/os-release", "ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=2\n");
  world.variables.set("LoaderEntrySelected", "os_2.efi");
  return world;
}

/** Names of entries, without what else is kept there. */
function entriesIn(world: SimWorld): readonly string[] {
  return world.tree.namesIn(folder).filter((name) => name.endsWith(".efi"));
}

async function go({ session }: SampleSession, version = one): Promise<readonly string[]> {
  const { notices } = await switchTo(session, await observe(session, { catalog: false }), version, "a person asked");
  return notices;
}

async function nextOf(world: SimWorld): Promise<string | undefined> {
  return nextVersion(await observe(sessionOn(world).session, { catalog: false }));
}

test("going back makes the older version boot next, remembers why, and all is durable", async () => {
  const world = await updated();
  const run = sessionOn(world);
  assert.deepEqual(await go(run), []);
  assert.deepEqual(entriesIn(world), ["os_1.efi", "os_2+0-0.efi"]);
  assert.equal(await nextOf(world), "1");
  const facts = await readFacts(run.session);
  assert.deepEqual(
    [...facts.quarantine].map(([version, { evidence, text }]) => [version, evidence, text]),
    [["2", "rolled-back", "a person asked"]],
  );
  const entry = facts.versions.get(parseVersion("2"))?.resources.find(({ role }) => role === "entry");
  assert.deepEqual(entry?.place, { kind: "file", path: `${folder}/os_2+0-0.efi` });
  assert.equal((await readJournal(run.session)).at(-1)?.event, "switched");
  assert.ok(!world.tree.namesIn("/var/lib/holdfast").includes("esp-open.json"));
  assert.deepEqual(
    undecided(world).filter((what) => !what.includes("os_2")),
    [],
  );
});

test("going forward again lifts what was remembered, and a second time changes nothing", async () => {
  const world = await updated();
  await go(sessionOn(world));
  await go(sessionOn(world), parseVersion("2"));
  assert.equal(await nextOf(world), "2");
  assert.deepEqual([...(await readFacts(sessionOn(world).session)).quarantine.keys()], []);
  const names = entriesIn(world);
  await go(sessionOn(world), parseVersion("2"));
  assert.deepEqual(entriesIn(world), names);
});

test("a version that is damaged, incomplete or not vouched for is not switched to", async () => {
  const damaged = await updated();
  damaged.tree.corrupt("/images/os_1.img", 100);
  await assert.rejects(go(sessionOn(damaged)), { code: "not-intact", kind: "refused", message: /os_1\.img/ });
  const incomplete = await updated();
  incomplete.tree.uproot("/images/os_1.img");
  await assert.rejects(go(sessionOn(incomplete)), { code: "not-intact" });
  const stranger = await updated();
  stranger.tree.plant("/images/os_0.img", "someone put it here");
  stranger.tree.plant(`${folder}/os_0.efi`, stranger.tree.peek(`${folder}/os_1.efi`) as Content);
  await assert.rejects(go(sessionOn(stranger), parseVersion("0")), {
    code: "not-intact",
    message: /nobody vouches for/,
  });
  for (const world of [damaged, incomplete, stranger]) {
    assert.ok(entriesIn(world).includes("os_2.efi"), "nothing was renamed");
    assert.deepEqual([...(await readFacts(sessionOn(world).session)).quarantine.keys()], []);
  }
});

test("an entry whose bytes did not survive its renaming is no success", async () => {
  const world = await updated();
  await go(sessionOn(world));
  world.tree.shift(`${folder}/os_1.efi`, `${folder}/os_1+0-3.efi`);
  world.tree.shift(`${folder}/os_2+0-0.efi`, `${folder}/os_2.efi`);
  const run = sessionOn(world);
  run.gate.beforeCall = ({ name, subject }) => {
    const done = entriesIn(world);
    if (name !== "open" || subject !== `${folder}/os_1.efi` || done.includes("os_1+0-3.efi")) return;
    run.gate.beforeCall = undefined;
    world.tree.corrupt(subject, 1000);
  };
  await assert.rejects(go(run), { code: "not-intact", message: /other bytes than before/ });
  assert.ok(
    world.tree.namesIn("/var/lib/holdfast").includes("esp-open.json"),
    "the next run checks the file system first",
  );
});

test("an entry of another system that comes first refuses before anything is renamed", async () => {
  const world = await updated();
  world.tree.plant(
    `${folder}/zz.efi`,
    tinyUki({ osRelease: "ID=aaa\nIMAGE_ID=aaa\nIMAGE_VERSION=1\n", payload: "another system" }),
  );
  assert.equal(await nextOf(world), undefined);
  const before = entriesIn(world);
  await assert.rejects(go(sessionOn(world)), { code: "not-switchable", kind: "refused", message: /zz\.efi/ });
  assert.deepEqual(entriesIn(world), before);
});

test("an entry that is misread once has nothing passed over that should not be (P3)", async () => {
  const world = await updated();
  await go(sessionOn(world));
  world.tree.plant("/etc/os-release", "ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=1\n");
  const quiet = sessionOn(world.fork());
  const calls: number[] = [];
  quiet.gate.beforeCall = ({ name, subject, number }) => {
    if (name === "read" && subject.startsWith("/efi/")) calls.push(number);
  };
  await go(quiet, parseVersion("2"));
  assert.ok(calls.length > 8);
  for (const call of calls) {
    const now = world.fork();
    const run = sessionOn(now, {}, [{ call, code: "io-error", instead: "wrong-byte" }]);
    await go(run, parseVersion("2")).catch(() => {});
    assert.ok(entriesIn(now).includes("os_1.efi"), `call ${call}: ${entriesIn(now).join()}`);
  }
});
