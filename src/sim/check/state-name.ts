// Names a state so that two which no run of the agent can tell apart are explored once: journals and times left out,
// random names made equal, and of a recorded stamp only whether it still fits.
import type { Content } from "../disk/content.ts";
import type { SimFileSystem } from "../disk/file-system.ts";
import { rowsOf } from "../disk/rows.ts";
import { hashState } from "../explore/state-set.ts";
import type { SimWorld } from "../machine.ts";

const state = "/var/lib/holdfast";
const unread = new Set(["journal.jsonl", "last-check.json", "lock"].map((name) => `${state}/${name}`));
const times = new Set(["atMs", "verifiedAtMs", "installedAtMs", "checkedAtMs", "sinceMs"]);

/** A record: what it says, with a place for what becomes of each stamp in it. */
interface NamedRecord {
  readonly path: string;
  /** Text between the stamps. */
  readonly text: readonly string[];
  readonly stamps: readonly string[];
  /** Places that it names. */
  readonly places: readonly string[];
}

interface NamedVolume {
  readonly text: string;
  /** Of the text, in a few characters. */
  readonly tag: string;
  readonly records: readonly NamedRecord[];
}

export function nameState(world: SimWorld): string {
  return name(world, ({ text }) => text);
}

/**
 * As `nameState`, with a hash for what it says of each volume: most of a world is as it was a moment ago, and
 * is not put into words again.
 */
export function tagState(world: SimWorld): string {
  return name(world, ({ tag }) => tag);
}

function name(world: SimWorld, tell: (volume: NamedVolume) => string): string {
  const names = world.tree.volumes().map((volume) => volume.look(nameVolume));
  const variables = [...world.variables].map((pair) => pair.join("=")).sort();
  return [
    ...names.map(tell),
    ...names.flatMap(({ records }) => records.map((record) => nameRecord(world, record))),
    world.devices.key(),
    ...variables,
  ].join("\n");
}

/** A tag of a moment of a run: two with one tag have the same states behind a power cut. */
export function tagMoment(world: SimWorld): string {
  const waiting = world.tree.volumes().map((volume) => volume.look(nameUnflushed));
  return [tagState(world), ...waiting, world.devices.unflushed()].join("\n");
}

function nameUnflushed(volume: SimFileSystem): string {
  const { lines, contents } = volume.unflushed();
  const named = contents
    .filter(({ path }) => !unread.has(path))
    .map(({ path, cached, medium, marks }) =>
      [path, nameContent(path, cached), nameContent(path, medium), marks].join(" "),
    );
  return [...lines, ...named].join("\n").replace(/\.[0-9a-f]{12}\b/g, ".*");
}

function nameContent(path: string, content: Content): string {
  return path.includes(".json") && content.sizeBytes > 0 ? content.derived(readText).text.join("*") : content.key();
}

/** All of a volume that can be told without looking at the others. */
function nameVolume(volume: SimFileSystem): NamedVolume {
  const lines = [`${volume.settings.mountPoint} ${volume.marks()}`];
  const records: NamedRecord[] = [];
  for (const [path, kind, key, content] of rowsOf(volume)) {
    if (unread.has(path)) continue;
    const isRecord =
      content !== undefined && content.sizeBytes > 0 && path.startsWith(`${state}/`) && path.includes(".json");
    // A record has its own or a temporary name, of which the random part does not count.
    if (isRecord) records.push({ path: path.replace(/\.[0-9a-f]{12}$/, ".*"), ...content.derived(readText) });
    else lines.push(`${path}\t${kind}\t${key}`);
  }
  const text = lines.join("\n");
  const { low, high } = hashState(text, 0);
  return { text, tag: `${low} ${high}`, records };
}

function readText(content: Content): Omit<NamedRecord, "path"> {
  const text = sorted(new TextDecoder().decode(content.bytes()));
  // A partition's stamp is its label and place, the same after every boot, and stays as it is.
  const pieces = text.split(/"stamp": ?"(\d+:\d+:\d+)"/);
  return {
    text: pieces.filter((_, index) => index % 2 === 0),
    stamps: pieces.filter((_, index) => index % 2 === 1),
    places: [...text.matchAll(/"path": ?"([^"]*)"/g)].map(([, path = ""]) => path),
  };
}

/** Of a recorded stamp only whether it fits one of the places that the record names, as they are now. */
function nameRecord(world: SimWorld, { path, text, stamps, places }: NamedRecord): string {
  const current = stamps.length === 0 ? [] : places.map((place) => world.tree.stamp(place));
  const verdicts = stamps.map((stamp) => (current.includes(stamp) ? "fits" : "another"));
  return `${path}\t${text.map((piece, index) => piece + (verdicts[index] ?? "")).join("")}`;
}

/** With its keys in order and without times; what is no JSON stays as it is. */
function sorted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([key]) => !times.has(key))
              .sort(([a], [b]) => (a < b ? -1 : 1)),
          )
        : value,
    );
  } catch {
    return text;
  }
}
