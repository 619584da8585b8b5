// What the parent takes for an item of an archive: the rules of paths are enforced here, where nobody can reach (P9).
import { Fault } from "../../base/fault.ts";
import type { TarItem } from "../../port/decoder.ts";

const pathBytesMax = 4096;

type WithoutContent<T> = T extends unknown ? Omit<T, "content"> : never;
export type TarHeader = WithoutContent<TarItem>;

function escapes(path: string, state: string): Fault<"escapes-folder"> {
  return new Fault("escapes-folder", `Cannot unpack ${JSON.stringify(path.slice(0, 200))}: ${state}`);
}

/** Relative and without `.`, `..` or empty parts; "." is the folder itself. */
function normalised(path: string): string {
  if (path.includes("\0") || path.length > pathBytesMax) throw escapes(path, "it is no path");
  if (path.startsWith("/")) throw escapes(path, "it is absolute");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw escapes(path, "it leads upwards");
  return parts.join("/") || ".";
}

function damaged(state: string): Fault<"damaged-archive"> {
  return new Fault("damaged-archive", `Cannot unpack the archive: ${state}`);
}

function whole(value: unknown, max: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > max)
    throw damaged("an item has a number out of range");
  return value;
}

/** Judges items in their order: nothing may be written through a link that the archive itself has made. */
export class TarRules {
  readonly #links = new Set<string>();

  /** Faults `escapes-folder` and `damaged-archive`. */
  header(value: Record<string, unknown>): TarHeader {
    const header = this.#judge(value);
    // A later item of the same name replaces the link; one that is refused replaces nothing.
    if (header.kind === "symlink") this.#links.add(header.path);
    else this.#links.delete(header.path);
    return header;
  }

  #judge(value: Record<string, unknown>): TarHeader {
    const { type, path: rawPath, target, mtimeUs } = value;
    if (
      typeof rawPath !== "string" ||
      typeof target !== "string" ||
      typeof mtimeUs !== "string" ||
      !/^-?\d{1,18}$/.test(mtimeUs)
    ) {
      throw damaged("an item without name, target or time");
    }
    const path = this.#free(normalised(rawPath), rawPath);
    const ids = { uid: whole(value["uid"], 0xffffffff), gid: whole(value["gid"], 0xffffffff) };
    const common = { path, mode: whole(value["mode"], 0o7777), ...ids, mtimeUs: BigInt(mtimeUs) };
    switch (type) {
      case "directory":
        return { kind: "folder", ...common };
      case "file":
        if (path === ".") throw escapes(rawPath, "a file has no name");
        return { kind: "file", ...common, sizeBytes: whole(value["sizeBytes"], Number.MAX_SAFE_INTEGER) };
      case "symlink":
        if (target === "" || target.includes("\0") || target.length > pathBytesMax || path === ".")
          throw damaged("a link without name or target");
        return { kind: "symlink", path, target, ...ids };
      case "link":
        return { kind: "hardlink", path, target: this.#free(normalised(target), target) };
      default:
        throw damaged("an item of unknown kind");
    }
  }

  #free(path: string, shown: string): string {
    for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
      if (this.#links.has(path.slice(0, end))) throw escapes(shown, "it leads through a link of the same archive");
    }
    return path;
  }
}
