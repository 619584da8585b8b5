// What Holdfast's initrd does after a boot that failed there (os/initrd, P8), apart from the script: held against it by
// real boots in test/boot.
import type { BootEntry } from "../../domain/boot-graph.ts";
import { isBad } from "../../domain/entry-count.ts";
import { type LoaderState, predict } from "../../domain/loader.ts";
import { compareVersions } from "../../domain/version-order.ts";
import type { SimWorld } from "../machine.ts";

export interface FailedStart {
  readonly esp: string;
  /** As it is named now, counted. */
  readonly booted: BootEntry;
  readonly code: string;
  readonly text: string;
  /** What the loader will read; entries as they are now. */
  readonly loader: LoaderState;
}

/** `page`: everything was tried, and a person is asked. */
export type Reaction = "reboot" | "page";

/** Writes the failure down, gives the entry up, and points the loader at another one where it would not get there itself. */
export function reactToFailure(world: SimWorld, failed: FailedStart): Reaction {
  const { booted, code, text, loader } = failed;
  note(world, failed, "failed", booted.id, code, text);
  if (booted.tries !== undefined && !isBad(booted)) return "reboot";
  const marked = booted.tries === undefined ? markBad(world, failed) : booted;
  const entries = loader.entries.map((entry) => (entry.path === booted.path ? (marked ?? entry) : entry));
  const inTurn = turns(world, failed.esp, entries);
  const sound = inTurn.find((entry) => !isBad(entry) && entry.path !== (marked ?? booted).path);
  if (sound !== undefined) {
    const next = predict({ ...loader, entries, choices: { ...loader.choices, oneShot: undefined } }).next;
    if (marked === undefined || next?.id === booted.id) choose(world, failed, sound);
    return "reboot";
  }
  const told = record(world, failed.esp);
  const [chosen, before] = [toldOf(told, "chosen"), toldOf(told, "failed")];
  const left = inTurn.filter(({ id }) => !chosen.has(id));
  const next = left.find(({ id }) => !before.has(id)) ?? left[0];
  if (next === undefined) return "page";
  choose(world, failed, next);
  return "reboot";
}

const panicsMax = 3;

/** Writes down what the firmware reports of panics of this entry: whether there was one now, and too many altogether. */
export function goesOnPanicking(world: SimWorld, esp: string, booted: BootEntry, news: number): boolean {
  for (let at = 0; at < news; at++) note(world, { esp }, "failed", booted.id, "panic", "its kernel panicked");
  const lines = record(world, esp).split("\n");
  const own = lines.filter((line) => line.split("\t").slice(1, 4).join(" ") === `failed ${booted.id} panic`);
  return news > 0 && own.length >= panicsMax;
}

/** The name it gets; nothing where another name of it, or a file of that name, is in the way. */
function markBad(world: SimWorld, { booted, loader }: FailedStart): BootEntry | undefined {
  if (loader.entries.filter(({ id }) => id === booted.id).length !== 1) return undefined;
  const dot = booted.path.lastIndexOf(".");
  const path = `${booted.path.slice(0, dot)}+0-1${booted.path.slice(dot)}`;
  if (world.tree.peek(path) !== undefined) return undefined;
  world.tree.shift(booted.path, path);
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  return { ...booted, path, fileName, tries: { left: 0, done: 1, leftWidth: 1, doneWidth: 1 } };
}

/** Those known to be good first, then the newest; what the loader passes over is none. */
function turns(world: SimWorld, esp: string, entries: readonly BootEntry[]): readonly BootEntry[] {
  const good = textOf(world, `${esp}/EFI/holdfast/known-good.txt`).split("\n").slice(0, 8);
  const rank = ({ id }: BootEntry): number => (good.includes(id) ? good.indexOf(id) : good.length);
  const stem = ({ id }: BootEntry): string => id.replace(/\.[^.]*$/, "");
  return entries
    .filter(({ loadable }) => loadable.kind !== "ignored")
    .toSorted((a, b) => rank(a) - rank(b) || compareVersions(stem(b), stem(a)));
}

function choose(world: SimWorld, failed: FailedStart, entry: BootEntry): void {
  note(world, failed, "chosen", entry.id, "-", "-");
  world.variables.set("LoaderEntryOneShot", failed.loader.idsWithCounter === true ? entry.fileName : entry.id);
}

function note(world: SimWorld, { esp }: Pick<FailedStart, "esp">, ...fields: readonly string[]): void {
  const seconds = Math.floor(world.clock.nowMs() / 1000);
  const line = `${[seconds, ...fields].join("\t")}\n`;
  world.tree.plant(`${esp}/EFI/holdfast/failures.txt`, record(world, esp) + line);
}

const record = (world: SimWorld, esp: string): string => textOf(world, `${esp}/EFI/holdfast/failures.txt`);

/** Of which entries the record says so, since all of them were begun anew. */
function toldOf(text: string, wanted: string): ReadonlySet<string> {
  const told = new Set<string>();
  for (const line of text.split("\n")) {
    const [, word, id = ""] = line.split("\t");
    if (word === "again") told.clear();
    if (word === wanted) told.add(id);
  }
  return told;
}

function textOf(world: SimWorld, path: string): string {
  const content = world.tree.peek(path);
  return content === undefined || content === "unreadable" ? "" : new TextDecoder().decode(content.bytes());
}
