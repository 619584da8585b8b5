// Scripts that start the building programs of an unpacked tools tree.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/fault.ts";
import { programKind, wrapperText } from "../debian/wrapper.ts";
import type { BuildTool } from "./tools.ts";

/** Answers a folder beside the tree in which each program has a script of its name; others may be using it already. */
export async function writeToolScripts(tree: string, tools: readonly BuildTool[]): Promise<string> {
  const python = programKind(await firstBytes(join(tree, "usr/bin/python3")));
  const scripts: (readonly [program: string, text: string])[] = [];
  for (const { program, path } of tools) {
    const kind = programKind(await firstBytes(join(tree, path)));
    if (kind === undefined)
      throw new Fault("tool-missing", `Cannot use ${program}: ${path} of its package is not a program we can start`);
    const text = wrapperText({
      program,
      tree,
      path,
      kind,
      triplet: "x86_64-linux-gnu",
      ...(python?.kind === "dynamic" ? { pythonLoader: python.loader } : {}),
    });
    scripts.push([program, text]);
  }
  const key = createHash("sha256").update(JSON.stringify(scripts)).digest("hex").slice(0, 16);
  const folder = `${tree}.bin-${key}`;
  if (existsSync(folder)) return folder;
  const staging = `${folder}.${process.pid}`;
  await mkdir(staging, { recursive: true });
  for (const [program, text] of scripts) await writeFile(join(staging, program), text, { mode: 0o755 });
  // Another build may have been quicker.
  await rename(staging, folder).catch(() => rm(staging, { recursive: true }));
  return folder;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  await using file = await open(path).catch((cause: unknown) => {
    throw new Fault("tool-missing", `Cannot use the tools tree: it has no ${path}`, { cause });
  });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  return buffer.subarray(0, bytesRead);
}
