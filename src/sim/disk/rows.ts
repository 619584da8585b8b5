// What a simulated volume holds as rows, one a name: for comparing states.
import type { Content } from "./content.ts";
import { type NodeId, SimError, type SimFileSystem } from "./file-system.ts";

/** A path, its kind, the key of its content (files; `unreadable` when its chain is broken) or its target (links), and that content. */
export type VolumeRow = readonly [path: string, kind: string, key: string, content: Content | undefined];

/** In the order of their code units within each folder. What is mounted on a folder is another volume's. */
export function rowsOf(fs: SimFileSystem): readonly VolumeRow[] {
  const rows: VolumeRow[] = [];
  const visit = (folder: NodeId, path: string): void => {
    const names = [...fs.names(folder)].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, node] of names) {
      const child = `${path}/${name}`;
      const { kind, target = "" } = fs.view(node);
      const content = kind === "file" ? contentOf(fs, node, "cache") : undefined;
      if (content === undefined) rows.push([child, kind, target, undefined]);
      else if (content === "unreadable") rows.push([child, kind, content, undefined]);
      else rows.push([child, kind, content.key(), content]);
      if (kind === "folder") visit(node, child);
    }
  };
  const { mountPoint } = fs.settings;
  visit(fs.root, mountPoint === "/" ? "" : mountPoint);
  return rows;
}

export function contentOf(fs: SimFileSystem, node: NodeId, from: "cache" | "medium"): Content | "unreadable" {
  try {
    return fs.content(node, from);
  } catch (error) {
    if (error instanceof SimError) return "unreadable";
    throw error;
  }
}

export function compareBytes(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a < b ? -1 : Number(a > b);
  const left = new TextEncoder().encode(a);
  const right = new TextEncoder().encode(b);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false;
  return true;
}
