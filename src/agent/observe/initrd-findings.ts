// Observe: which installed entries may wait for a key where a boot fails: their initrd lacks our parts, and others reboot seldom (P8).
import { Fault } from "../../base/fault.ts";
import { joinPath } from "../../base/machine-path.ts";
import { type Finding, finding } from "../../domain/findings.ts";
import type { GraphNode } from "../../domain/boot-graph.ts";
import { parseBootEntry } from "../../format/boot-entry.ts";
import { type InitrdVerdict, judgeInitrds, judgeUkiInitrd } from "../../image/initrd-parts.ts";
import type { Session } from "../session.ts";
import { readSmall } from "../state/small-file.ts";
import type { BootFolders } from "./boot-folders.ts";
import { readerOf } from "../../port/file-reader.ts";
import type { Observation } from "./observe.ts";

const maxConfBytes = 256 * 1024;

/** Reads the initrds of all entries of ours: a second or so each. What cannot be read condemns nothing. */
export async function initrdFindings(session: Session, { situation, boot }: Observation): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const node of situation.graph.nodes) {
    if (node.version === undefined || node.entry.loadable.kind === "ignored") continue;
    const verdict = await judgeEntry(session, boot, node);
    if (verdict.kind === "lacks-parts")
      findings.push(finding("initrd-without-parts", node.entry.fileName, verdict.what));
  }
  return findings;
}

async function judgeEntry(session: Session, boot: BootFolders, { entry }: GraphNode): Promise<InitrdVerdict> {
  try {
    if (entry.type === 1) return await judgeConf(session, boot[entry.where]?.path, entry.path);
    await using file = await session.machine.disk.open(entry.path, "read");
    return await judgeUkiInitrd(await readerOf(file), session.machine.decoder);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "unknown", why: error.message };
  }
}

async function judgeConf(session: Session, root: string | undefined, path: string): Promise<InitrdVerdict> {
  const { disk, decoder } = session.machine;
  const { initrd } = parseBootEntry((await readSmall(disk, path, maxConfBytes)) ?? new Uint8Array());
  if (root === undefined || initrd.length === 0) return { kind: "unknown", why: "it names no initrd" };
  await using stack = new AsyncDisposableStack();
  const files = [];
  for (const name of initrd) files.push(await readerOf(stack.use(await disk.open(joinPath(root, name), "read"))));
  return await judgeInitrds(files, decoder);
}
