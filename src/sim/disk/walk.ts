// Finds what a path means in the simulated tree: mount points, and symbolic links that stay inside the root.
import { Fault } from "../../base/fault.ts";
import type { NodeId, NodeView, SimFileSystem } from "./file-system.ts";

/** A name in a folder that exists; `node` is what it leads to, if anything. */
export interface Place {
  /** Without symbolic links up to the last name. */
  readonly path: string;
  readonly fs: SimFileSystem;
  readonly folder: NodeId;
  readonly name: string;
  readonly node: NodeId | undefined;
  /** Whether the folder lies in a tree marked read-only. */
  readonly frozen: boolean;
}

export type Walk =
  | { readonly kind: "place"; readonly place: Place }
  /** A folder on the way is missing, or links go in a circle. */
  | { readonly kind: "missing" }
  | { readonly kind: "not-a-folder" }
  | { readonly kind: "name-too-long" };

const maxLinks = 40;
const maxNameBytes = 255;

/** `mounts` by mount point, with one for `/`. The last name is followed when it is a link and `followLast` says so. */
export function walk(mounts: ReadonlyMap<string, SimFileSystem>, path: string, followLast: boolean): Walk {
  return (
    walkKnown(mounts, path, followLast) ??
    walkStraight(mounts, path, followLast) ??
    walkAnywhere(mounts, path, followLast)
  );
}

/** `frozen`: what is in it takes no changes. */
interface Folder {
  readonly fs: SimFileSystem;
  readonly node: NodeId;
  readonly frozen: boolean;
}

/** Where a path was found to lead: to a name in a folder, or to a folder that is missing on the way. */
interface Way {
  readonly name: string;
  readonly folder: Folder | undefined;
}

/** Ways of one tree, for as long as its folders stay as they are. */
interface Ways {
  readonly known: Map<string, Way>;
  readonly folders: Map<string, Folder>;
  readonly missing: Map<string, Way>;
  /** `layout` of all its volumes, when `known` and `folders` were begun, and `arrivals`, when `missing` was. */
  layout: number;
  arrivals: number;
}

const waysOf: WeakMap<ReadonlyMap<string, SimFileSystem>, Ways> = new WeakMap();

/** Most calls come again to a folder that they came to before: files come and go, folders hardly ever. */
function walkKnown(mounts: ReadonlyMap<string, SimFileSystem>, path: string, followLast: boolean): Walk | undefined {
  let layout = mounts.size;
  let arrivals = 0;
  for (const fs of mounts.values()) {
    layout += fs.layout;
    arrivals += fs.arrivals;
  }
  let ways = waysOf.get(mounts);
  if (ways === undefined) {
    ways = { known: new Map(), folders: new Map(), missing: new Map(), layout, arrivals };
    waysOf.set(mounts, ways);
  }
  if (ways.layout !== layout) {
    ways.known.clear();
    ways.folders.clear();
  }
  if (ways.layout !== layout || ways.arrivals !== arrivals) ways.missing.clear();
  ways.layout = layout;
  ways.arrivals = arrivals;
  const way = ways.known.get(path) ?? ways.missing.get(path) ?? findWay(mounts, ways, path);
  if (way === undefined) return undefined;
  const { folder, name } = way;
  if (folder === undefined) {
    ways.missing.set(path, way);
    return { kind: "missing" };
  }
  ways.known.set(path, way);
  const { fs, frozen } = folder;
  const node = fs.lookUp(folder.node, name);
  if (followLast && node !== undefined && fs.kind(node) === "symlink") return undefined;
  return { kind: "place", place: { path, fs, folder: folder.node, name, node, frozen } };
}

/** `undefined` where it is not that simple: links, ways back, a mount point. */
function findWay(mounts: ReadonlyMap<string, SimFileSystem>, { folders }: Ways, path: string): Way | undefined {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (slash === -1 || mounts.has(path) || !isPlain(name)) return undefined;
  const above = slash === 0 ? "/" : path.slice(0, slash);
  const known = folders.get(above);
  if (known !== undefined) return { name, folder: known };
  const found = walkStraight(mounts, above, true);
  if (found === undefined) return undefined;
  const place = found.kind === "place" ? found.place : undefined;
  if (found.kind === "missing" || (place !== undefined && place.node === undefined)) return { name, folder: undefined };
  if (place?.node === undefined || place.fs.kind(place.node) !== "folder") return undefined;
  const folder = { fs: place.fs, node: place.node, frozen: place.frozen || place.fs.isFrozen(place.node) };
  folders.set(above, folder);
  return { name, folder };
}

/** No character takes more than three bytes for each unit of its length. */
function isPlain(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length * 3 <= maxNameBytes;
}

/** Without links and ways back, as nearly every path is; `undefined` where there is one. */
function walkStraight(mounts: ReadonlyMap<string, SimFileSystem>, path: string, followLast: boolean): Walk | undefined {
  const { fs: first } = top(mounts);
  let fs = first;
  let folder: NodeId = fs.root;
  let node: NodeId | undefined = fs.root;
  let name = "";
  let frozen = false;
  if (path !== "/") {
    for (let start = 1; ; ) {
      const slash = path.indexOf("/", start);
      const end = slash === -1 ? path.length : slash;
      const next = path.slice(start, end);
      if (!isPlain(next)) return undefined;
      if (node === undefined) return { kind: "missing" };
      const kind: NodeView["kind"] = fs.kind(node);
      if (kind === "symlink") return undefined;
      if (kind !== "folder") return { kind: "not-a-folder" };
      frozen ||= fs.isFrozen(node);
      folder = node;
      name = next;
      node = fs.lookUp(folder, name);
      const mounted = node === undefined || mounts.size === 1 ? undefined : mounts.get(path.slice(0, end));
      if (mounted !== undefined) {
        fs = mounted;
        folder = fs.root;
        node = fs.root;
        name = "";
        frozen = false;
      }
      if (slash === -1) break;
      start = end + 1;
    }
  }
  if (followLast && node !== undefined && fs.kind(node) === "symlink") return undefined;
  return { kind: "place", place: { path, fs, folder, name, node, frozen } };
}

function walkAnywhere(mounts: ReadonlyMap<string, SimFileSystem>, path: string, followLast: boolean): Walk {
  let queue = split(path);
  let links = 0;
  let here = top(mounts);
  // Names of the folders passed, to go back through with `..`.
  const passed: Place[] = [];
  while (queue.length > 0) {
    const [name = "", ...rest] = queue;
    queue = rest;
    if (name === "..") {
      here = passed.pop() ?? top(mounts);
      continue;
    }
    const view = viewOf(here);
    if (view === undefined) return { kind: "missing" };
    if (view.kind !== "folder") return { kind: "not-a-folder" };
    // No character takes more than three bytes for each unit of its length.
    if (name.length * 3 > maxNameBytes && new TextEncoder().encode(name).length > maxNameBytes)
      return { kind: "name-too-long" };
    const next = step(mounts, here, view, name);
    const found = viewOf(next);
    if (found?.kind === "symlink" && (followLast || queue.length > 0)) {
      if (++links > maxLinks) return { kind: "missing" };
      const target = found.target ?? "";
      queue = [...split(target), ...queue];
      if (target.startsWith("/")) {
        passed.length = 0;
        here = top(mounts);
      }
      continue;
    }
    passed.push(here);
    here = next;
  }
  return { kind: "place", place: here };
}

/** Faults `outside-root` for what is no absolute path. */
export function checkPath(path: string, verb: string): void {
  if (path.startsWith("/") && !path.includes("\0")) return;
  throw new Fault("outside-root", `Cannot ${verb} ${JSON.stringify(path.slice(0, 200))}: it is no absolute path`, {
    hint: "Paths of a machine begin with /.",
  });
}

export function viewOf(place: Place): NodeView | undefined {
  return place.node === undefined ? undefined : place.fs.view(place.node);
}

/** Changes whenever content or metadata changed, within one mount. */
export function stampOf(place: Place): string | undefined {
  const view = viewOf(place);
  return view === undefined ? undefined : `${place.node}:${view.changeUs}:${view.sizeBytes}`;
}

/** The file system mounted deepest at or above a path without links. */
export function mountOf(mounts: ReadonlyMap<string, SimFileSystem>, path: string): SimFileSystem {
  let best = top(mounts).fs;
  for (const [mountPoint, fs] of mounts) {
    const inside = path === mountPoint || path.startsWith(`${mountPoint}/`);
    if (inside && mountPoint.length > best.settings.mountPoint.length) best = fs;
  }
  return best;
}

function top(mounts: ReadonlyMap<string, SimFileSystem>): Place {
  const fs = mounts.get("/");
  if (fs === undefined) throw new Error("Assertion failed: a simulated machine has a file system at /");
  return { path: "/", fs, folder: fs.root, name: "", node: fs.root, frozen: false };
}

function step(mounts: ReadonlyMap<string, SimFileSystem>, here: Place, view: NodeView, name: string): Place {
  const folder = here.node ?? here.fs.root;
  const path = here.path === "/" ? `/${name}` : `${here.path}/${name}`;
  const node = here.fs.lookUp(folder, name);
  const mounted = node === undefined ? undefined : mounts.get(path);
  const place: Place = { path, fs: here.fs, folder, name, node, frozen: here.frozen || view.frozen };
  return mounted === undefined
    ? place
    : { ...place, fs: mounted, folder: mounted.root, name: "", node: mounted.root, frozen: false };
}

function split(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
