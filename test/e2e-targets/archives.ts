// Compressed bytes and tar archives as publishers make them: by the programs themselves, or item by item.
import { spawn } from "node:child_process";
import { pack, type Header } from "tar-stream";

/** What PROGRAM makes of these bytes. */
export async function compress(program: "gzip" | "xz" | "zstd" | "bzip2", bytes: Uint8Array): Promise<Buffer> {
  const child = spawn(program, ["-c", "-1"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(bytes);
  const pieces: Buffer[] = [];
  for await (const piece of child.stdout) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export interface Item extends Partial<Header> {
  readonly name: string;
  readonly content?: string | Uint8Array;
}

/** An archive with exactly these items, hostile ones too. */
export async function tarOf(items: readonly Item[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = "", ...header } of items)
    archive.entry({ mtime: new Date(1_700_000_000_000), ...header }, Buffer.from(content));
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
