// `npm run bench [download|memory|status ...]`: measures what issue and README promise, prints it, and writes bench/results.md.
// `npm run bench -- delta ...` is a bench of its own, which takes hours and fetches gigabytes: delta/main.ts.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mainDelta } from "./delta/main.ts";
import { benchDownload } from "./download.ts";
import { type Figure, resultsPage } from "./figure.ts";
import { benchMemory } from "./memory.ts";
import { benchStatus } from "./status.ts";

type Say = (line: string) => void;

const benches: Readonly<Record<string, (say: Say) => Promise<readonly Figure[]>>> = {
  download: (say) => benchDownload(5, say),
  memory: benchMemory,
  status: (say) => benchStatus(20, say),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name));
if (wanted[0] === "delta") await mainDelta(wanted.slice(1));
else if (unknown.length > 0) {
  console.error(`Cannot measure ${unknown.join(", ")}: known are ${Object.keys(benches).join(", ")}, delta.`);
  process.exitCode = 2;
} else {
  const figures: Figure[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    figures.push(...(await bench((line) => console.error(`${name}: ${line}`))));
  }
  const page = resultsPage(figures, Date.now());
  console.log(page);
  // A part of the figures does not replace the page of all of them.
  if (wanted.length === 0) await writeFile(join(import.meta.dirname, "results.md"), page);
}
