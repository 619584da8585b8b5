// What was measured of systemd-sysupdate as well: junk under a final name, a version published again after a failed try,
// `vacuum` from mixed states.
import { join } from "node:path";
import { fileOf, type LabRelease, sha256OfFile } from "../../../../tools/lab/release.ts";
import { makeSmallRelease } from "../../../../tools/lab/small-release.ts";
import type { Rule } from "../../../../tools/lab/fault-script.ts";
import { mixedStates } from "../../../e2e/mixed-states.ts";
import type { World } from "../../../e2e/world.ts";
import type { Subject } from "../../peers/peer.ts";
import { asDistributionsDo, withIndexApart } from "../layout.ts";
import type { Releases } from "../server-faults/resource.ts";
import { junkNames, putJunk } from "./ruin.ts";

export interface Share {
  readonly count: number;
  readonly of: number;
  /** For Holdfast none may be there. */
  readonly problems: readonly string[];
}

/** How often junk was taken for the version it is named after: exit 0, and the new entry is not whole. */
export async function acceptedJunk(subject: Subject, world: World, releases: Releases): Promise<Share> {
  const { installed, target } = releases;
  const problems: string[] = [];
  for (const file of junkNames) {
    await using scene = await world.scene({ offered: [...installed, target], installed, index: true });
    await asDistributionsDo(scene.machine);
    await putJunk(join(scene.machine.root, file));
    const { code } = await subject.run(scene.machine, ["update"]);
    const { broken, bootable } = await scene.audit(target);
    // Nobody boots the index: its bytes tell whether it was accepted.
    const kept = file.endsWith(".caibx") && !(await isPublished(join(scene.machine.root, file), releases));
    if (code === 0 && (broken.length > 0 || !bootable.includes("3") || kept)) problems.push(`${file} was accepted`);
  }
  return { count: problems.length, of: junkNames.length, problems };
}

async function isPublished(path: string, { target }: Releases): Promise<boolean> {
  return (await sha256OfFile(path).catch(() => "")) === fileOf(target, "index").sha256;
}

const failures: readonly (readonly Rule[])[] = [
  [{ path: "/os_3.efi", status: 404 }],
  [{ path: "/os_3.efi", flipByteAt: 3000 }],
  [{ path: "/os_3.erofs", status: 404 }],
];

/** How often, after a failed try and other bytes under the same version, exit 0 means files of both. */
export async function mixedPublications(subject: Subject, world: World, releases: Releases): Promise<Share> {
  const { installed, target } = releases;
  const made = await makeSmallRelease(join(world.folder, `again-${subject.name}`), {
    version: "3",
    index: true,
    seed: 5,
  });
  const again = withIndexApart(made);
  const problems: string[] = [];
  for (const rules of failures) {
    await using scene = await world.scene({ offered: [...installed, target], installed, index: true });
    await asDistributionsDo(scene.machine);
    scene.server.misbehave(...rules);
    await subject.run(scene.machine, ["update"]);
    scene.server.heal();
    await scene.repository.publish(again);
    const { code, output } = await subject.run(scene.machine, ["update"]);
    const { broken, bootable } = await scene.audit(target, again);
    const mixed = code === 0 && (broken.length > 0 || !bootable.includes("3"));
    const stuck = subject.name === "holdfast" && code !== 0;
    if (mixed || stuck)
      problems.push(`after ${JSON.stringify(rules)}: exit ${code}, ${bootable.join(", ")} boot: ${output}`);
  }
  return { count: problems.length, of: failures.length, problems };
}

export interface Vacuumed {
  readonly newlyBroken: number;
  /** How often something could boot before, and nothing after. */
  readonly toZero: number;
  readonly states: number;
  readonly problems: readonly string[];
}

export async function vacuumMixedStates(subject: Subject, world: World): Promise<Vacuumed> {
  const made = await world.releases(["1", "2", "3", "4", "5"], { index: true });
  const releases = made.map(withIndexApart);
  const problems: string[] = [];
  let newlyBroken = 0;
  let toZero = 0;
  for (const { what, installed, running, changes = [] } of mixedStates) {
    const of = (version: number): LabRelease => releases[version - 1] as LabRelease;
    await using scene = await world.scene({
      offered: releases,
      installed: installed.map(of),
      index: true,
      ...(running === undefined ? {} : { running }),
    });
    await asDistributionsDo(scene.machine);
    for (const change of changes) await change(scene.machine, of);
    const before = await scene.audit(...releases);
    await subject.run(scene.machine, ["vacuum"]);
    const after = await scene.audit(...releases);
    const known = before.broken.map(({ fileName }) => fileName);
    const newly = after.broken.filter(({ fileName }) => !known.includes(fileName));
    newlyBroken += newly.length;
    const zero = before.bootable.length > 0 && after.bootable.length === 0;
    if (zero) toZero += 1;
    if (newly.length > 0 || zero)
      problems.push(`vacuum from ${what}: ${newly.length} entries broken, ${after.bootable.length} boot`);
  }
  return { newlyBroken, toZero, states: mixedStates.length, problems };
}
