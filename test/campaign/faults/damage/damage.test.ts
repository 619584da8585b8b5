// A slice of the campaign's damages: what the end-to-end tests do not know of files, state, and two commands at once.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { World } from "../../../e2e/world.ts";
import { holdfastSubject } from "../../peers/peer.ts";
import { makeReleases, type Releases } from "../server-faults/resource.ts";
import { cutsOf, runCuts } from "./cuts.ts";
import { type DamagedMachine, makeDamagedMachine } from "./damaged-machine.ts";
import { isFine, partners, runPairs } from "./pairs.ts";
import { makeStateMachine } from "./state-machine.ts";
import { damagesOf, isNoticed, runTrial, type Trial, trialsOf } from "./trial.ts";

let world: World;
let releases: Releases;
let base: DamagedMachine;
before(async () => {
  world = await World.create();
  releases = await makeReleases(world);
  base = await makeDamagedMachine(world, releases);
});
after(async () => {
  await base[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

suite("Damage before a command", { concurrency: 2 }, () => {
  for (const [file, ruin, command] of [
    ["system/os_2.erofs", "a flipped byte", "rollback"],
    ["system/os_2.erofs", "cut in the middle", "update"],
    ["system/os_1.erofs", "emptied", "rollback"],
    ["efi/EFI/Linux/os_2.efi", "emptied", "vacuum"],
    ["system/os_2.caibx", "gone", "update"],
    ["system/.holdfast-", "something appended", "vacuum"],
    ["efi/EFI/Linux/.holdfast-", "a flipped byte", "update"],
    ["system/os_3.erofs", "junk under a final name", "update"],
    ["efi/EFI/Linux/os_3+3-0.efi", "junk under a final name", "rollback"],
    ["efi/EFI/Linux/os_3.efi", "junk under a final name", "vacuum"],
  ] as const)
    test(`${file}: ${ruin}, before ${command}: nothing whole is lost, and the next update finishes`, async () => {
      const wanted = ({ damage, command: [name] }: Trial): boolean =>
        damage.file.startsWith(file) && damage.what.endsWith(`: ${ruin}`) && name === command;
      const trials = trialsOf(base).filter(wanted);
      assert.ok(trials[0] !== undefined);
      assert.deepEqual(await runTrial(base, trials[0]), []);
    });

  test("a flipped byte is noticed", async () => {
    const damage = damagesOf(base).find(({ what }) => what === "system/os_1.erofs: a flipped byte");
    assert.ok(damage !== undefined);
    assert.equal(await isNoticed(base, holdfastSubject, damage), true);
  });
});

test("state cut at a byte: status and update do as ever", async () => {
  await using machine = await makeStateMachine(world);
  const cuts = cutsOf(machine, 0.01);
  assert.ok(cuts.length > 40);
  assert.deepEqual(await runCuts(machine, cuts, 2), []);
});

test("an update and a vacuum or a rollback at once: one works, the other waits or says who runs", async () => {
  const others = partners.filter(([name]) => name !== "update");
  const met = await runPairs({ subject: holdfastSubject, world, releases, others, count: 2, lanes: 2 });
  assert.deepEqual(
    met.filter((encounter) => !isFine(encounter)),
    [],
  );
});
