// `npm run campaign [-- PART ...]`: runs the parts that are named, or all, keeps what they found in docs/reliability/ and
// writes docs/reliability.md from it (issue 3). `--list` names the parts, `--page` only writes the page anew.
// SCALE (1: what issue 3 asks for) and SEED come from the environment.
import { delimiter } from "node:path";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import type { PartResult } from "./part.ts";
import { type ListedPart, parts } from "./parts.ts";
import { commitOf } from "./report/commit.ts";
import { describeResult, isKept } from "./report/terminal.ts";
import { keepResult, writePage } from "./report/store.ts";

const names = parts.map(({ name }) => name);
const seed = Number(process.env["SEED"] ?? 20260301);
const scale = Number(process.env["SCALE"] ?? 1);

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--list")) {
    for (const { name, load } of parts) console.log(`${name.padEnd(16)} ${(await load()).title}`);
    return 0;
  }
  if (args.includes("--page")) {
    await writePage(names);
    return 0;
  }
  const unknown = args.filter((name) => !names.includes(name));
  if (unknown.length > 0 || !Number.isSafeInteger(seed) || !(scale > 0)) {
    const what = unknown.length > 0 ? `parts ${unknown.join(", ")}` : "SEED or SCALE";
    console.error(`Cannot run ${what}: known parts are ${names.join(", ")}; SEED is an integer, SCALE is above 0.`);
    return 2;
  }
  let code = 0;
  for (const part of parts) {
    if (args.length > 0 && !args.includes(part.name)) continue;
    const result = await run(part);
    console.log(describeResult(result));
    if (!isKept(result)) code = 1;
    const why = await keepResult(result);
    if (why !== undefined) console.log(why);
    await writePage(names);
  }
  return code;
}

async function run({ name, load }: ListedPart): Promise<PartResult> {
  const part = await load();
  const begin = performance.now();
  const elapsed = (): string => `${((performance.now() - begin) / 1000).toFixed(0)} s`;
  const say = (line: string): void => console.error(`${name} ${elapsed()}: ${line}`);
  say(`${part.title}, seed ${seed}, scale ${scale}`);
  const commit = await commitOf(name);
  const date = new Date().toISOString().slice(0, 10);
  if (part.tools.length > 0) {
    const { binFolder, missing } = await ensureTools(part.tools, { say });
    for (const line of describeMissing(missing)) say(line);
    const path = process.env["PATH"] ?? "";
    if (!path.split(delimiter).includes(binFolder)) process.env["PATH"] = `${binFolder}${delimiter}${path}`;
  }
  const { headlines, told, tables, wrong, notTried } = await part.run({ seed, scale, say });
  const seconds = Math.round((performance.now() - begin) / 1000);
  const repeat = `${scale === 1 ? "" : `SCALE=${scale} `}SEED=${seed} npm run campaign -- ${name}`;
  const found = { headlines, told, tables, wrong, notTried };
  return { format: 1, name, title: part.title, commit, date, seed, scale, seconds, repeat, ...found };
}

// Every disk, process and folder that is to go when the campaign is broken off listens for its end.
process.setMaxListeners(200);

// Ending by `exit` instead of by the signal lets what is mounted, running and lying about be taken away.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => process.exit(code));

process.exitCode = await main(process.argv.slice(2));
