import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import type { VolumeHealth } from "../../port/volumes.ts";
import type { Content } from "../../sim/disk/content.ts";
import type { PlannedFault } from "../../sim/fault-plan.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { type SampleSession, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { closeEsp, closingEsp, doubts, openEsp, settleVolumes, twinGroups } from "./esp-guard.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { settle } from "./settle.ts";

const folder = "/efi/EFI/Linux";
const marker = "esp-open.json";

interface Run extends SampleSession {
  readonly world: SimWorld;
  readonly look: () => Promise<Observation>;
  readonly marked: () => boolean;
}

function machine(
  layout: "files" | "trees" = "files",
  world = sampleMachine({ seed: 1, layout, installed: ["1"], offered: ["1"] }).world,
  faults: readonly PlannedFault[] = [],
): Run {
  const run = sessionOn(world, {}, faults);
  return {
    ...run,
    world,
    look: () => observe(run.session, { catalog: false }),
    marked: () => world.tree.namesIn("/var/lib/holdfast").includes(marker),
  };
}

const repairs = ({ progress }: Run): number => progress.events.filter(({ kind }) => kind === "note").length;

test("a volume in order is not in doubt, and nothing is done to it", async () => {
  const run = machine();
  assert.deepEqual(await doubts(run.session, await run.look()), []);
  assert.equal(await settleVolumes(run.session, await run.look()), false);
  assert.equal(repairs(run), 0);
});

test("a change of ours that was cut off is checked first, once", async () => {
  const run = machine();
  await openEsp(run.session, await run.look());
  assert.ok(run.marked());
  const next = machine("files", run.world.afterCrash(run.world.crashDimensions().map(() => 0)));
  assert.deepEqual((await doubts(next.session, await next.look()))[0], "an earlier change to it was cut off");
  assert.equal(await settleVolumes(next.session, await next.look()), true);
  assert.equal(await settleVolumes(next.session, await next.look()), false);
});

test("a change whose Holdfast was killed is no doubt while the boot lasts: the kernel has what was written", async () => {
  const run = machine();
  await openEsp(run.session, await run.look());
  const again = machine("files", run.world);
  assert.ok(again.marked());
  assert.deepEqual(await doubts(again.session, await again.look()), []);
  assert.equal(await settleVolumes(again.session, await again.look()), false);
});

test("a change that was finished leaves nothing to check", async () => {
  const run = machine();
  await openEsp(run.session, await run.look());
  await closeEsp(run.session, await run.look());
  await closeEsp(run.session, await run.look());
  assert.equal(run.marked(), false);
  assert.deepEqual(await doubts(run.session, await run.look()), []);
});

test("two names of one entry are a doubt, whatever their counters and their case", async () => {
  const run = machine();
  const uki = run.world.tree.peek(`${folder}/os_1.efi`) as Content;
  run.world.tree.plant(`${folder}/OS_1+2-1.efi`, uki);
  const seen = await run.look();
  assert.deepEqual(
    twinGroups(seen).map((group) => group.map(({ fileName }) => fileName)),
    [["OS_1+2-1.efi", "os_1.efi"]],
  );
  assert.deepEqual(await doubts(run.session, seen), [
    `${folder}/OS_1+2-1.efi and ${folder}/os_1.efi are two names of one entry`,
  ]);
});

test("two names of another system's entry are its own business: neither goes", async () => {
  const run = machine();
  for (const name of ["other.conf", "other+3.conf"])
    run.world.tree.plant(`/efi/loader/entries/${name}`, "title Other\nlinux /vmlinuz\n");
  assert.deepEqual(await doubts(run.session, await run.look()), []);
  await settle(run.session, await run.look());
  assert.deepEqual(run.world.tree.namesIn("/efi/loader/entries"), ["other+3.conf", "other.conf"]);
});

test("a component that has nothing on the ESP leaves it alone, whatever its state", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  world.tree.plant(
    "/usr/lib/sysupdate.app.d/10-app.transfer",
    "[Source]\nType=url-file\nPath=http://updates.example/os\nMatchPattern=os_@v.img\n" +
      "[Target]\nType=regular-file\nPath=/apps\nMatchPattern=app_@v.img\n",
  );
  const { session } = sessionOn(world, { component: "app" }, [
    { name: "health", times: Number.POSITIVE_INFINITY, code: "io-error" },
  ]);
  const seen = await observe(session, { catalog: false });
  assert.deepEqual(await doubts(session, seen), []);
  await openEsp(session, seen);
  assert.ok(!world.tree.namesIn("/var/lib/holdfast/components/app").includes(marker));
});

test("pieces that come to light after a change of ours go; what was there before stays", async () => {
  const run = machine();
  run.world.tree.plant("/efi/FSCK0000.REC", "someone else's");
  await openEsp(run.session, await run.look());
  run.world.tree.plant("/efi/FSCK0001.REC", "a piece of ours");
  run.world.restart();
  const next = machine("files", run.world);
  assert.equal(await settleVolumes(next.session, await next.look()), true);
  assert.deepEqual(
    run.world.tree.namesIn("/efi").filter((name) => name.endsWith(".REC")),
    ["FSCK0000.REC"],
  );
});

test("without a change of ours such pieces are nobody's business", async () => {
  const run = machine();
  run.world.tree.plant("/efi/FSCK0000.REC", "someone else's");
  await settleVolumes(run.session, await run.look());
  assert.ok(run.world.tree.namesIn("/efi").includes("FSCK0000.REC"));
});

test("a volume that cannot be checked keeps its mark, so that nothing is renamed there", async () => {
  const run = machine();
  await openEsp(run.session, await run.look());
  run.world.restart();
  const next = machine("files", run.world, [{ name: "repair", code: "volume-busy" }]);
  await assert.rejects(settleVolumes(next.session, await next.look()), { code: "volume-busy" });
  assert.ok(next.marked());
});

test("where there is no FAT there is nothing to mark and nothing to check", async () => {
  const run = machine("trees");
  await openEsp(run.session, await run.look());
  assert.equal(run.marked(), false);
  assert.deepEqual(await doubts(run.session, await run.look()), []);
});

/** The same machine, whose tools say this of every FAT volume, before and after a check. */
function said(run: Run, health: VolumeHealth): Run {
  const { volumes } = run.session.machine;
  const stubborn = new Proxy(volumes, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (name === "health" || name === "repair") return async () => health;
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  const session = { ...run.session, machine: { ...run.session.machine, volumes: stubborn } };
  return { ...run, session, look: () => observe(session, { catalog: false }) };
}

const dirty = { kind: "dirty", findings: ["there are differences between the copies of the table"] } as const;

test("what the volume itself says is a doubt, without any change of ours", async () => {
  const run = said(machine(), dirty);
  assert.deepEqual(await doubts(run.session, await run.look()), dirty.findings);
});

test("nothing is changed on a volume that no check mends", async () => {
  const run = said(machine(), dirty);
  await assert.rejects(settleVolumes(run.session, await run.look()), { code: "esp-in-doubt", kind: "refused" });
});

test("two names stay where nothing tells whether the volume is in order", async () => {
  const run = said(machine(), { kind: "unknown", why: "there is no fsck.fat" });
  const uki = run.world.tree.peek(`${folder}/os_1.efi`) as Content;
  run.world.tree.plant(`${folder}/os_1+2-1.efi`, uki);
  await settle(run.session, await run.look());
  const names = run.world.tree.namesIn(folder).filter((name) => name.endsWith(".efi"));
  assert.deepEqual(names, ["os_1+2-1.efi", "os_1.efi"]);
});

test("what a run that gave up did to the ESP is flushed before the mark goes", async () => {
  const run = machine();
  await assert.rejects(
    closingEsp(run.session, await run.look(), async () => {
      await openEsp(run.session, await run.look());
      await run.session.machine.disk.remove(`${folder}/readme.txt`);
      throw new Fault("digest-mismatch", "Cannot use it: its bytes are others");
    }),
    { code: "digest-mismatch" },
  );
  assert.equal(run.marked(), false);
  assert.deepEqual(undecided(run.world), []);
});

for (const code of ["io-error", "no-permission", "no-space"])
  test(`the mark stays where the disk has refused something on the way: ${code}`, async () => {
    const run = machine();
    await assert.rejects(
      closingEsp(run.session, await run.look(), async () => {
        await openEsp(run.session, await run.look());
        throw new Fault(code, "Cannot open it: the disk says no");
      }),
      { code },
    );
    assert.equal(run.marked(), true);
  });
