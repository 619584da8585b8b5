// `npm run bench -- delta [PAIR ...] [--method ID ...] [--rounds N] [--keep]`: measures deltas, and writes what is known into
// results.json, results.md and the README.
import { parseArgs } from "node:util";
import { type PairName, pairs } from "../images/recipes.ts";
import { benchDelta } from "./bench-delta.ts";
import { methods } from "./methods.ts";
import { writePages } from "./pages.ts";
import { readResults } from "./results.ts";

/** Prints the page. Throws when a pair or method is not known. */
export async function mainDelta(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      method: { type: "string", multiple: true },
      keep: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      /** Measures nothing: only writes the pages. */
      pages: { type: "boolean", default: false },
    },
  });
  const known = Object.keys(pairs);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`Cannot measure ${unknown.join(", ")}: known pairs are ${known.join(", ")}`);
  const ids = methods.map(({ id }) => id);
  const odd = (values.method ?? []).filter((id) => !ids.includes(id));
  if (odd.length > 0) throw new Error(`Cannot measure ${odd.join(", ")}: known methods are ${ids.join(", ")}`);
  const results = values.pages
    ? await readResults()
    : await benchDelta({
        pairs: (positionals.length === 0 ? known : positionals) as readonly PairName[],
        methods: values.method ?? ids,
        rounds: Number(values.rounds),
        keep: values.keep,
        say: (line) => console.error(`delta: ${line}`),
      });
  console.log(await writePages(results));
}
