// What a simulated machine is to hold, told by the scenario: the checkers compare the disk with this and ask nobody else.
import type { Content } from "../disk/content.ts";
import type { SimWorld } from "../machine.ts";

/** One resource besides the entry, where it is installed. */
export type Part =
  | { readonly kind: "file"; readonly path: string; readonly content: Content }
  | {
      readonly kind: "partition";
      readonly device: string;
      readonly label: string;
      readonly type: string;
      readonly content: Content;
    }
  | { readonly kind: "tree"; readonly path: string; readonly files: ReadonlyMap<string, Content> };

/** A version as one publication of it: a re-published version has two builds. */
export interface Build {
  readonly version: string;
  /** Bytes of the boot entry; absent for a component. */
  readonly entry: Content | undefined;
  readonly parts: readonly Part[];
}

export interface Truth {
  /** Where the ESP is mounted, if there is one. */
  readonly esp: string | undefined;
  readonly builds: readonly Build[];
  /** The version that the name of an entry belongs to; `undefined` for entries of others. */
  readonly versionOf: (fileName: string) => string | undefined;
  /** Folders whose content is known by name: nothing but the parts, and what is listed here, may be left in them. */
  readonly folders: readonly string[];
  /** The link that names the tree in use. */
  readonly link: string | undefined;
  /** Files of others, with what they hold: they stay as they are. */
  readonly foreign: ReadonlyMap<string, Content>;
}

/** `missing`, `damaged`, or `undefined` when every byte on the medium is right. */
export function flawOf(world: SimWorld, part: Part): "missing" | "damaged" | undefined {
  if (part.kind === "partition") return flawOfPartition(world, part);
  if (part.kind === "file") return flawOfFile(world, part.path, part.content);
  if (world.tree.namesIn(part.path).length === 0) return "missing";
  const flaws = [...part.files].map(([name, content]) => flawOfFile(world, `${part.path}/${name}`, content));
  return flaws.some((flaw) => flaw !== undefined) ? "damaged" : undefined;
}

/** What `build` lacks besides its entry, in words. */
export function lacks(world: SimWorld, build: Build): readonly string[] {
  return build.parts.flatMap((part) => {
    const flaw = flawOf(world, part);
    return flaw === undefined ? [] : [`${nameOf(part)} is ${flaw}`];
  });
}

export function nameOf(part: Part): string {
  return part.kind === "partition" ? part.label : part.path;
}

function flawOfFile(world: SimWorld, path: string, content: Content): "missing" | "damaged" | undefined {
  const found = world.tree.peek(path, "medium");
  if (found === undefined) return "missing";
  return found !== "unreadable" && found.equals(content) ? undefined : "damaged";
}

function flawOfPartition(
  { devices }: SimWorld,
  { device, label, type, content }: Extract<Part, { kind: "partition" }>,
): "missing" | "damaged" | undefined {
  const found = devices.table(device)?.partitions.find((item) => item.label === label && item.type === type);
  const bytes = found === undefined ? undefined : devices.content(device, found.number, "medium");
  if (bytes === undefined) return "missing";
  return bytes.slice(0, content.sizeBytes).equals(content) ? undefined : "damaged";
}
