import assert from "node:assert/strict";
import { test } from "node:test";
import type { VersionRecord } from "../../domain/records.ts";
import type { Content } from "../../sim/disk/content.ts";
import { htmlPage } from "../../sim/http/sim-server.ts";
import { entryPath, sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { origin } from "../../sim/scenario/sample-repository.ts";
import { updateTo } from "../../sim/scenario/commands.ts";
import { booted, did } from "../../sim/scenario/listed.ts";
import { define, undefine } from "../../sim/scenario/sample-definitions.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { doctorMachine } from "../command/doctor.ts";
import { updateMachine } from "../command/update.ts";
import { vacuumMachine } from "../command/vacuum.ts";

test("what a server says about the size of an image condemns no partition (P3)", async () => {
  const sample = sampleMachine({
    seed: 1,
    layout: "slots",
    slots: 3,
    installed: ["1", "2", "3"],
    offered: ["1", "2", "3"],
  });
  const { session } = sessionOn(sample.world, {}, [
    {
      port: "http",
      name: "request",
      subject: `${origin}/os/os_2.img`,
      times: 99,
      code: "",
      instead: { server: htmlPage },
    },
  ]);
  const { removed } = await vacuumMachine(session);
  assert.deepEqual(
    removed.filter(({ version }) => version !== "1"),
    [],
  );
  assert.notEqual(sample.world.tree.peek(entryPath("os_2.efi")), undefined);
});

test("an entry whose boots were counted is not missing when its definition is called otherwise since", async () => {
  const sample = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const { world } = sample;
  await did(updateTo("2"))(sample);
  await booted(sample);
  const file = world.tree.peek("/usr/lib/sysupdate.d/20-uki.transfer");
  if (file === undefined || file === "unreadable") throw new Error("Assertion failed: the entry is defined");
  undefine(world, "20-uki");
  define(world, "25-uki", new TextDecoder().decode(file.bytes()));
  const { session } = sessionOn(world, {}, []);
  const { healthy, findings } = await doctorMachine(session, { deep: true, repair: true });
  assert.deepEqual(
    findings.filter(({ severity }) => severity !== "info").map(({ sentence }) => sentence),
    [],
  );
  assert.ok(healthy);
  const record = JSON.parse(
    new TextDecoder().decode((world.tree.peek("/var/lib/holdfast/versions/2.json") as Content).bytes()),
  ) as VersionRecord;
  const places = record.resources.map(({ transfer, place }) => [transfer, place] as const);
  assert.deepEqual(
    places.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [
      ["10-root", { kind: "file", path: "/images/os_2.img" }],
      ["25-uki", { kind: "file", path: entryPath("os_2.efi") }],
    ],
  );
});

for (const [what, fault] of [
  ["a byte of the first reading is wrong", { instead: "wrong-byte" }],
  ["the second reading fails", { after: 1 }],
] as const)
  test(`the running version is adopted as it is where ${what} (P4)`, async () => {
    const { world } = sampleMachine({
      seed: 1,
      layout: "slots",
      installed: ["1"],
      offered: ["1", "2"],
      compression: "xz",
    });
    const planned = { port: "volumes", name: "read", code: "io-error", ...fault };
    await updateMachine(sessionOn(world, {}, [planned]).session);
    await booted({
      world,
      truth: sampleMachine({ seed: 1, layout: "slots", installed: ["1"], offered: ["1", "2"] }).truth,
    });
    const { findings } = await doctorMachine(sessionOn(world).session, { deep: true, repair: false });
    assert.deepEqual(
      findings.filter(({ severity }) => severity === "error").map(({ sentence }) => sentence),
      [],
    );
  });

test("what reads otherwise each time is not adopted (P4)", async () => {
  const { world } = sampleMachine({
    seed: 1,
    layout: "slots",
    installed: ["1"],
    offered: ["1", "2"],
    compression: "xz",
  });
  const wrong = { port: "volumes", name: "read", code: "io-error" } as const;
  const faults = [
    { ...wrong, instead: "wrong-byte" },
    { ...wrong, after: 2 },
  ] as const;
  await assert.rejects(updateMachine(sessionOn(world, {}, faults).session), { code: "way-back-unproven" });
});
