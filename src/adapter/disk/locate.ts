// Where a path of the machine is on the host: symbolic links are resolved inside the root, component by component,
// so that nothing in a tree given with --root leads out of it. Node has no openat2(RESOLVE_IN_ROOT): who can write in
// the tree while we resolve can still win a race. The tree's own root can, and nobody else should be able to.
import { lstat, readlink } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { MachinePath } from "../../port/disk.ts";
import { errnoOf } from "./errno.ts";

/** As many as the kernel follows. */
const linksMax = 40;
/** Above any path the kernel takes, so that hostile link targets cannot make the work long. */
const pathBytesMax = 64 * 1024;

export interface Located {
  /** Path on the host. */
  readonly host: string;
  /** The path on the machine without links (but for the last component, unless followed). */
  readonly path: MachinePath;
  /** Whether all of it is there; otherwise `path` is where it would be. */
  readonly present: boolean;
}

/** The host's path of a machine path that is already free of links. `root` has no slash at its end, but may be "/". */
function hostPath(root: string, path: MachinePath): string {
  if (root === "/") return path;
  return path === "/" ? root : root + path;
}

function checkPath(path: MachinePath): void {
  if (!path.startsWith("/") || path.includes("\0")) {
    throw new Fault("outside-root", `Cannot use ${JSON.stringify(path.slice(0, 200))}: not an absolute path`);
  }
}

/** Nothing for "not there" and "not a link"; the target otherwise. */
async function linkTarget(host: string): Promise<{ readonly present: boolean; readonly target?: string }> {
  try {
    const stat = await lstat(host);
    return stat.isSymbolicLink() ? { present: true, target: await readlink(host) } : { present: true };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ENAMETOOLONG") return { present: false };
    throw error;
  }
}

function circle(path: MachinePath): Fault {
  return new Fault("not-found", `Cannot follow ${path}: its symbolic links lead in a circle`);
}

/**
 * `followLast` also resolves the last component when it is a link.
 * Faults: `outside-root` for what is no path, `not-found` for a circle of links and for `..` after a missing name:
 * a host path with an unresolved link in it must never be handed out.
 */
export async function locate(root: string, path: MachinePath, followLast: boolean): Promise<Located> {
  checkPath(path);
  const pending = path.split("/").toReversed();
  const done: string[] = [];
  let links = 0;
  let present = true;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (!present) throw new Fault("not-found", `Cannot follow ${path}: /${done.join("/")} does not exist`);
      done.pop();
      continue;
    }
    done.push(name);
    // Below a missing name there is nothing to look at; the operation itself will say what is wrong.
    if (!present || (!followLast && pending.length === 0)) continue;
    const found = await linkTarget(hostPath(root, `/${done.join("/")}`));
    present = found.present;
    if (found.target === undefined) continue;
    links += 1;
    if (links > linksMax || found.target.length + pending.join("/").length > pathBytesMax) throw circle(path);
    done.pop();
    if (found.target.startsWith("/")) done.length = 0;
    pending.push(...found.target.split("/").toReversed());
  }
  const inside = `/${done.join("/")}`;
  return { host: hostPath(root, inside), path: inside, present };
}
