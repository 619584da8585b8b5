// What a file system consists of after a crash: what its names lead to, and no more.
import type { Content } from "./content.ts";
import type { NodeId, NodeView } from "./file-system.ts";
import { type Inode, restedInode } from "./inode.ts";
import type { NameTable } from "./name-journal.ts";

/** `resolve` tells what a node holds now, and its metadata. */
export function reachable(
  root: NodeId,
  names: NameTable,
  resolve: (node: NodeId) => readonly [Content, NodeView],
): { readonly nodes: Map<NodeId, Inode>; readonly names: NameTable } {
  const nodes = new Map<NodeId, Inode>();
  const left: NameTable = new Map();
  const visit = (node: NodeId): void => {
    const seen = nodes.get(node);
    if (seen !== undefined) {
      const view = { ...seen.view, links: seen.view.links + 1 };
      nodes.set(node, { ...seen, view, mediumView: view });
      return;
    }
    const [content, found] = resolve(node);
    const view = { ...found, links: 1, sizeBytes: content.sizeBytes };
    nodes.set(node, restedInode(view, content));
    if (found.kind !== "folder") return;
    const entries = names.get(node) ?? new Map<string, NodeId>();
    left.set(node, entries);
    for (const child of entries.values()) visit(child);
  };
  visit(root);
  return { nodes, names: left };
}
