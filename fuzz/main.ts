// `npm run fuzz [-- TARGET ...]`: looks for bytes that make a parser crash, hang or take memory without bound (issue 3).
// EXECUTIONS for each target, SECONDS at most for each, SEED, KEEP=1 to store what reached something new.
// `npm run fuzz -- TARGET FILE` runs one input alone, with the stack of what it throws.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fuzzAll, targetNames } from "./engine/all.ts";
import { execute } from "./engine/execute.ts";
import { crashLines, draw, total } from "./engine/table.ts";
import type { Target } from "./target.ts";

const root = join(import.meta.dirname, "..");
const known = await targetNames(root);
const words = process.argv.slice(2);
const [only, file] = words;

if (only !== undefined && file !== undefined && known.includes(only) && !known.includes(file)) await again(only, file);
else await search(words.length === 0 ? known : words);

async function again(name: string, path: string): Promise<void> {
  const { target } = (await import(`./target/${name}.ts`)) as { target: Target };
  const bytes = new Uint8Array(await readFile(path));
  const { milliseconds, allocatedBytes, thrown } = await execute(target, bytes);
  console.log(`${name}: ${bytes.length} bytes, ${milliseconds.toFixed(1)} ms, ${allocatedBytes} bytes allocated`);
  if (thrown === undefined) return;
  console.error(thrown.error);
  process.exitCode = 1;
}

async function search(targets: readonly string[]): Promise<void> {
  const unknown = targets.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`Cannot fuzz ${unknown}: the targets are ${known.join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  const executions = Number(process.env["EXECUTIONS"] ?? 300_000);
  const seed = Number(process.env["SEED"] ?? 20260301);
  console.log(`seed ${seed}, ${targets.length} targets, ${executions} executions each`);
  const all = await fuzzAll({
    root,
    targets,
    executions,
    executionsInAll: 0,
    seconds: Number(process.env["SECONDS"] ?? 3600),
    seed,
    keep: process.env["KEEP"] === "1",
    say: (line) => console.error(line),
  });
  console.log(draw(all));
  for (const line of crashLines(all)) console.log(line);
  process.exitCode = total(all).crashes === 0 ? 0 : 1;
}
