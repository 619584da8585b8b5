// The life of the user's machine as scenarios in which power is cut at every call: first install, update, removal of the
// oldest, going back, and repair of an entry that has lost its image.
import type { Scenario } from "../explore.ts";
import { promised, type Promised } from "../scenario/promised.ts";
import type { Sample } from "../scenario/sample-machine.ts";
import type { SimWorld } from "../machine.ts";
import { comesUp } from "../check/p6-comes-up.ts";
import { lacks } from "../check/truth.ts";
import { instancesOf } from "./assume.ts";
import type { Lab } from "./lab.ts";
import { imageVersionText, pathOfPiece } from "./own-world.ts";
import { versionRooms } from "./volumes.ts";

/** More versions than this show nothing new, and make every state larger. */
const maxKept = 4;

export interface OwnScenario {
  readonly name: string;
  /** Oldest first. */
  readonly installed: readonly string[];
  readonly offered: readonly string[];
  /** What booted after each power cut, as far as it was explored. */
  readonly boots: ReadonlySet<string>;
  readonly make: () => Promise<Scenario>;
}

/** How many versions stay on this machine: what the definitions say, as far as there is room for it. */
export function keptVersions(lab: Lab): number {
  const { shape } = lab.options;
  const files = lab.transfers.filter(({ target }) => target.type !== "partition").map(instancesOf);
  const slots = lab.transfers.flatMap((transfer) => {
    if (transfer.target.type !== "partition") return [];
    const group = shape.slots.find(({ transfers }) => transfers.includes(transfer.id));
    const share = Math.floor((group?.count ?? 2) / (group?.transfers.length ?? 1));
    return [Math.min(share, transfer.target.instancesMax ?? share)];
  });
  const rooms = versionRooms(lab.transfers, shape).map(({ versions }) => Math.floor(versions));
  return Math.max(1, Math.min(maxKept, ...files, ...slots, ...rooms));
}

export function ownScenarios(lab: Lab, options: { readonly fallsBack: boolean }): readonly OwnScenario[] {
  const { versions, commands } = lab.options;
  const [first = "1", second] = versions;
  const kept = keptVersions(lab);
  const made = [own(lab, `first install of ${first}`, [], [first], { work: commands.update, always: [], next: first })];
  if (second === undefined) return made;
  const update = { work: commands.update, always: [first], next: second };
  made.push(own(lab, `update from ${first} to ${second}`, [first], [first, second], update));
  const newest = versions.at(-1) ?? second;
  const before = versions.slice(0, -1).slice(-kept);
  const running = before.at(-1);
  if (versions.length > 2 && running !== undefined) {
    const goes = before.length >= kept ? `, ${before[0]} goes` : "";
    const work = { work: commands.update, always: [running], next: newest };
    made.push(own(lab, `update from ${running} to ${newest}${goes}`, before, [...before, newest], work));
  }
  // Where boots are not counted nothing goes back by itself, and no entry can be marked as passed over.
  if (!lab.hasEntries || !options.fallsBack) return made;
  made.push(
    own(lab, `rollback from ${second} to ${first}`, [first], [first, second], {
      before: [did(commands.update), booted(lab)],
      work: commands.rollbackTo(first),
      recover: commands.rollbackTo(first),
      always: [first],
      next: first,
    }),
  );
  const broken = { always: [first], broken: [second], before: [orphaned(lab, second)] };
  const without = `when ${second} is in the menu without its image`;
  const offered = [first, second];
  made.push(own(lab, `repair ${without}`, [first], offered, { ...broken, work: commands.repair, next: undefined }));
  made.push(own(lab, `update ${without}`, [first], offered, { ...broken, work: commands.update, next: second }));
  return made;
}

type Work = Pick<Promised, "work" | "recover" | "always" | "broken" | "before"> & { readonly next: string | undefined };

function own(
  lab: Lab,
  name: string,
  installed: readonly string[],
  offered: readonly string[],
  { next, recover = lab.options.commands.update, ...rest }: Work,
): OwnScenario {
  const work = { ...rest, recover };
  const boots = new Set<string>();
  const make = async (): Promise<Scenario> => {
    const sample = lab.small(installed, offered);
    const scenario = await promised({ name, sample, outcomes: [], ...work });
    const kept = await whatStays(scenario, sample);
    const outcomes = [{ kept, ...(next === undefined ? {} : { next }) }];
    const again = await promised({ name, sample, outcomes, ...work, before: [] });
    return { ...again, boot: (now) => boot(lab, again, now, boots) };
  };
  return { name, installed, offered, boots, make };
}

/** Which versions the undisturbed work leaves is a matter of the definitions; that they are whole is not. */
async function whatStays(scenario: Scenario, { truth }: Sample): Promise<readonly string[]> {
  const end = scenario.world.fork();
  try {
    await scenario.work(end.run().machine);
  } catch {
    // It is told by the exploration, with all that belongs to it.
  }
  const whole = truth.builds.filter((build) => lacks(end, build).length === 0).map(({ version }) => version);
  return [...new Set(whole)];
}

async function boot(lab: Lab, scenario: Scenario, world: SimWorld, boots: Set<string>): Promise<readonly string[]> {
  const problems = (await scenario.boot?.(world)) ?? [];
  const running = keepOsRelease(lab, world);
  const isOurs = lab.hasEntries && running !== undefined && lab.options.versions.includes(running);
  if (isOurs && problems.length === 0) boots.add(running);
  return problems;
}

/** The checkers write an os-release of their own; definitions may ask for fields of the user's. */
function keepOsRelease(lab: Lab, { tree }: SimWorld): string | undefined {
  const found = tree.peek("/etc/os-release");
  if (found === undefined || found === "unreadable") return undefined;
  const version = /^IMAGE_VERSION=(.*)$/m.exec(new TextDecoder().decode(found.bytes()))?.[1];
  if (version !== undefined) tree.plant("/etc/os-release", imageVersionText(lab.options.osRelease, version));
  return version;
}

const did =
  (command: Promised["work"]) =>
  async ({ world }: Sample): Promise<void> => {
    await command(world.run().machine);
    world.restart();
  };

const booted =
  (lab: Lab) =>
  async ({ world, truth }: Sample): Promise<void> => {
    await comesUp(truth, world, new Set());
    keepOsRelease(lab, world);
    world.restart();
  };

/** What left KDE Linux unbootable in March 2026: the entry is there, and nothing that it needs. */
const orphaned =
  (lab: Lab, version: string) =>
  ({ world }: Sample): void => {
    for (const piece of lab.release(version).pieces)
      if (lab.isEntry(piece.transfer)) world.tree.plant(pathOfPiece(piece, lab.options.shape), piece.content);
  };
