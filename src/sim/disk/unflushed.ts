// What of an ext4-like file system waits for its flush, by path, so that equal moments of different runs are told to be equal.
import type { NodeId, Unflushed } from "./file-system.ts";
import type { Inode } from "./inode.ts";
import type { NameJournal, NameTable } from "./name-journal.ts";

/** `reused` is the key of what new blocks may hold. */
export function unflushedOf(
  root: NodeId,
  names: NameTable,
  nodes: ReadonlyMap<NodeId, Inode>,
  journal: NameJournal,
  reused: string,
): Unflushed {
  const { changes, unnamed } = journal.waiting();
  const paths = new Map<NodeId, string>();
  const visit = (folder: NodeId, path: string): void => {
    paths.set(folder, path);
    for (const [name, node] of names.get(folder) ?? []) {
      if (names.has(node)) visit(node, `${path}/${name}`);
      else paths.set(node, `${path}/${name}`);
    }
  };
  visit(root, "");
  const gone: NodeId[] = [];
  const pathOf = (node: NodeId): string => {
    const path = paths.get(node);
    if (path !== undefined) return path;
    if (!gone.includes(node)) gone.push(node);
    return `gone ${gone.indexOf(node)}`;
  };
  const lines = changes.map(({ removes, adds, awaits }) =>
    [
      ...removes.map(([folder, name]) => `- ${pathOf(folder)}/${name}`),
      ...adds.map(([folder, name, node]) => `+ ${pathOf(folder)}/${name} ${pathOf(node)}`),
      `awaits ${awaits.map(pathOf).join()}`,
    ].join(),
  );
  const contents: Unflushed["contents"][number][] = [];
  for (const [node, { cached, medium, dirty, dirtyData, lost, view, mediumView }] of nodes) {
    if (view.kind !== "file" || !(dirty || lost) || !paths.has(node)) continue;
    const sameMarks = view.mode === mediumView.mode && view.uid === mediumView.uid && view.gid === mediumView.gid;
    if (!dirtyData && !lost && sameMarks) continue;
    contents.push({ path: pathOf(node), cached, medium, marks: `${dirty} ${dirtyData} ${lost} ${sameMarks}` });
  }
  for (const [name, node] of unnamed) {
    const inode = nodes.get(node);
    const { cached, medium, dirty, dirtyData, lost } = inode ?? {};
    if (cached === undefined || medium === undefined) continue;
    contents.push({ path: `gone/${name}`, cached, medium, marks: `${dirty} ${dirtyData} ${lost}` });
  }
  return { lines: contents.length === 0 ? lines : [...lines, `reused ${reused}`], contents };
}
