// What a simulated volume holds as rows, one a name: for comparing states.
import type { Content } from "./content.ts";
import { type NodeId, SimError, type SimFileSystem } from "./file-system.ts";

/** A path, its kind, the key of its content (files; `unreadable` when its chain is broken) or its target (links), and that content. */
export type VolumeRow = readonly [path: string, kind: string, key: string, content: Content | undefined];

/** In the order of their names within each folder. What is mounted on a folder is another volume's. */
export function rowsOf(fs: SimFileSystem): readonly VolumeRow[] {
  const rows: VolumeRow[] = [];
  const visit = (folder: NodeId, path: string): void => {
    const { items, nodes } = fs.items(folder);
    for (const [index, { name, kind }] of items.entries()) {
      const child = `${path}/${name}`;
      const node = nodes[index];
      if (node === undefined) continue;
      const content = kind === "file" ? contentOf(fs, node, "cache") : undefined;
      if (content === undefined)
        rows.push([child, kind, kind === "symlink" ? (fs.view(node).target ?? "") : "", undefined]);
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
