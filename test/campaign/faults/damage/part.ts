// Part of the campaign: damaged files, junk, two commands at once, and files of state cut at every byte (issue 3).
import { World } from "../../../e2e/world.ts";
import type { Findings, Headline, Part, PartOptions, Table } from "../../part.ts";
import { findPeers, holdfastSubject, type Subject, type SubjectName } from "../../peers/peer.ts";
import { allOf } from "../all-of.ts";
import { makeReleases, type Releases } from "../server-faults/resource.ts";
import { acceptedJunk, mixedPublications, type Share, vacuumMixedStates, type Vacuumed } from "./comparison.ts";
import { cutsOf, runCuts } from "./cuts.ts";
import { type DamagedMachine, makeDamagedMachine } from "./damaged-machine.ts";
import { type Encounter, isFine, isWhole, offsets, partners, runPairs } from "./pairs.ts";
import { makeStateMachine } from "./state-machine.ts";
import { type Damage, damagesOf, isNoticed, runTrial, trialsOf } from "./trial.ts";

export const part: Part = {
  name: "damage",
  title: "Damaged files, junk, two commands at once, and state cut at every byte",
  tools: [],
  run,
};

/** What one of them showed. */
interface Shown {
  readonly noticed: Share;
  readonly junk: Share;
  readonly mixed: Share;
  readonly vacuumed: Vacuumed;
  readonly encounters: readonly Encounter[];
}

async function run({ scale, say }: PartOptions): Promise<Findings> {
  await using world = await World.create();
  const releases = await makeReleases(world);
  await using base = await makeDamagedMachine(world, releases);
  const every = Math.max(1, Math.round(1 / scale));
  const trials = trialsOf(base).filter((_, index) => index % every === 0);
  say(`${trials.length} damages, each before a command`);
  const wrong = (await allOf(trials, 3, async (trial) => runTrial(base, trial))).flat();
  const cuts = await cutState(world, scale, say);
  const { peers, notTried } = await findPeers(say);
  const shown = new Map<SubjectName, Shown>();
  for (const subject of [holdfastSubject, ...peers]) {
    say(`${subject.title}: junk, vacuum, two at once`);
    shown.set(subject.name, await show(subject, world, releases, base, Math.max(2, Math.round(offsets * scale))));
  }
  const own = shown.get("holdfast");
  const bad = (own?.encounters ?? []).filter((encounter) => !isFine(encounter));
  wrong.push(
    ...cuts.problems,
    ...(own === undefined ? [] : [...own.noticed.problems, ...own.junk.problems, ...own.mixed.problems]),
    ...(own?.vacuumed.problems ?? []),
    ...bad.map(({ other, offsetMs, output }) => `update and ${other}, ${offsetMs} ms apart: ${output.slice(-600)}`),
  );
  return {
    headlines: headlines(shown),
    told:
      `On a machine with 1 and 2, and 3 half downloaded, each of ${base.files.length} files (instances, staged files, ` +
      `state) was flipped, cut, emptied, lengthened or removed, and junk put under each name that 3 wants, before ` +
      `\`update\`, \`vacuum\`, \`rollback\` and \`doctor --deep\`: nothing whole may be lost, and the next plain ` +
      `\`update\` has to finish. ${trials.length} trials. Each file of state was cut at every byte, ${cuts.count} cuts, ` +
      `and \`status\` and \`update\` given in one process over the real adapters. Two commands were started together, ` +
      `at ${offsets} offsets over the time that an update takes.`,
    tables: [encounterTable(shown)],
    wrong,
    notTried: [...notTried, "update and rollback at once with systemd-sysupdate, which has no rollback"],
  };
}

async function cutState(
  world: World,
  scale: number,
  say: PartOptions["say"],
): Promise<{ readonly count: number; readonly problems: readonly string[] }> {
  await using machine = await makeStateMachine(world);
  const cuts = cutsOf(machine, Math.min(1, scale));
  say(`${cuts.length} cuts of ${machine.files.size} files of state`);
  const problems = await runCuts(machine, cuts, 2, (done) => done % 500 === 0 && say(`${done} cuts`));
  return { count: cuts.length, problems };
}

async function show(
  subject: Subject,
  world: World,
  releases: Releases,
  base: DamagedMachine,
  count: number,
): Promise<Shown> {
  const others = subject.name === "holdfast" ? partners : partners.filter(([name]) => name !== "rollback");
  return {
    noticed: await noticedShare(subject, base),
    junk: await acceptedJunk(subject, world, releases),
    mixed: await mixedPublications(subject, world, releases),
    vacuumed: await vacuumMixedStates(subject, world),
    encounters: await runPairs({ subject, world, releases, others, count, lanes: 2 }),
  };
}

/** Flipped bytes and emptied files of the versions that are installed. */
async function noticedShare(subject: Subject, base: DamagedMachine): Promise<Share> {
  const installed = (damage: Damage): boolean =>
    /\/os_[12]\.\w+$/.test(damage.file) && /: (a flipped byte|emptied)$/.test(damage.what);
  const damages = damagesOf(base).filter(installed);
  const noticed = await allOf(damages, 2, async (damage) => isNoticed(base, subject, damage));
  const missed = damages.filter((_, index) => noticed[index] === false);
  const problems = missed.map(({ what }) => `${what}: noticed by no command`);
  return { count: damages.length - missed.length, of: damages.length, problems };
}

function encountersWith(shown: Shown, other: string): readonly Encounter[] {
  return shown.encounters.filter((encounter) => encounter.other === other);
}

/** Consistent after both have ended, and whole after the next plain update. */
function consistent(encounters: readonly Encounter[]): string {
  const good = encounters.filter((own) => own.broken.length === 0 && own.nextCode === 0 && isWhole(own));
  return `${good.length} of ${encounters.length}`;
}

function headlines(shown: ReadonlyMap<SubjectName, Shown>): readonly Headline[] {
  const share = ({ count, of }: Share): string => `${count} of ${of}`;
  const line = (question: string, of: (shown: Shown) => string, kept: (own: Shown) => boolean): Headline => {
    const [own, older, newer] = (["holdfast", "sysupdate257", "sysupdate262"] as const).map((name) => shown.get(name));
    return {
      question,
      holdfast: own === undefined ? "" : of(own),
      kept: own !== undefined && kept(own),
      ...(older === undefined ? {} : { sysupdate257: of(older) }),
      ...(newer === undefined ? {} : { sysupdate262: of(newer) }),
    };
  };
  const fine = (other: string) => (own: Shown) => encountersWith(own, other).every(isFine);
  return [
    line(
      "flipped bytes and emptied files that any command notices",
      ({ noticed }) => share(noticed),
      ({ noticed }) => noticed.count === noticed.of,
    ),
    line(
      "junk under a final name accepted as installed",
      ({ junk }) => share(junk),
      ({ junk }) => junk.count === 0,
    ),
    line(
      "published again after a failed try: files of both, exit 0",
      ({ mixed }) => share(mixed),
      ({ mixed }) => mixed.count === 0,
    ),
    line(
      "`vacuum` from mixed states: newly BROKEN entries / nothing left that boots",
      ({ vacuumed }) => `${vacuumed.newlyBroken} / ${vacuumed.toZero} in ${vacuumed.states}`,
      ({ vacuumed }) => vacuumed.newlyBroken + vacuumed.toZero === 0,
    ),
    line(
      "two updates at once: consistent, and whole after the next",
      (own) => consistent(encountersWith(own, "update")),
      fine("update"),
    ),
    line("update and vacuum at once: the same", (own) => consistent(encountersWith(own, "vacuum")), fine("vacuum")),
  ];
}

function encounterTable(shown: ReadonlyMap<SubjectName, Shown>): Table {
  const rows = [...shown].flatMap(([name, own]) =>
    [...new Set(own.encounters.map(({ other }) => other))].map((other) => {
      const met = encountersWith(own, other);
      const codes = [...new Set(met.map((encounter) => encounter.codes.join(" and ")))].join("; ");
      const broken = met.filter((encounter) => encounter.broken.length > 0).length;
      return [name, `update and ${other}`, met.length, codes, broken, consistent(met)];
    }),
  );
  const columns = ["program", "commands", "offsets", "exit codes", "BROKEN right after", "whole after the next update"];
  return { caption: "Two commands at once", columns, rows };
}
