// Names a state so that two which no run of the agent can tell apart are explored once: journals and times left out,
// random names made equal, and of a recorded stamp only whether it still fits.
import type { SimWorld } from "../machine.ts";

const state = "/var/lib/holdfast";
const unread = /^\/var\/lib\/holdfast\/(?:journal\.jsonl|last-check\.json|lock)\t/;
const times = new Set(["atMs", "verifiedAtMs", "installedAtMs", "checkedAtMs", "sinceMs"]);

export function nameState(world: SimWorld): string {
  const rows = world.tree
    .rows()
    .map((row) => row.join("\t"))
    .filter((row) => !unread.test(row))
    .map((row) => (row.startsWith(`${state}/`) && row.includes(".json") ? nameRecord(world, row) : row));
  const marks = world.tree.volumes().map((volume) => `${volume.settings.mountPoint} ${volume.marks()}`);
  const variables = [...world.variables].map((pair) => pair.join("=")).sort();
  return [...marks, ...rows, world.devices.key(), ...variables].join("\n");
}

/** A record under its own or a temporary name, by what it says. */
function nameRecord(world: SimWorld, row: string): string {
  const [path = "", kind = ""] = row.split("\t");
  const content = world.tree.peek(path, "cache");
  if (content === undefined || content === "unreadable" || content.sizeBytes === 0) return row;
  const text = sorted(new TextDecoder().decode(content.bytes()));
  return [path.replace(/\.[0-9a-f]{12}$/, ".*"), kind, fitting(world, text)].join("\t");
}

/** A partition's stamp is its label and place, the same after every boot, and stays as it is. */
function fitting(world: SimWorld, text: string): string {
  const current = stamps(world, text);
  return text.replace(/"stamp": ?"(\d+:\d+:\d+)"/g, (_, stamp: string) =>
    current.has(stamp) ? '"stamp": "fits"' : '"stamp": "another"',
  );
}

/** Stamps of the places that a record names, as they are now. */
function stamps(world: SimWorld, text: string): ReadonlySet<string> {
  const paths = [...text.matchAll(/"path": ?"([^"]*)"/g)].map(([, path = ""]) => path);
  return new Set(paths.flatMap((path) => world.tree.stamp(path) ?? []));
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
