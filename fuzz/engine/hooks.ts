// Instruments the modules that are meant while they load, in the thread it is called in.
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { countersName, instrument, type Range } from "./instrument.ts";

export interface Edges {
  /** One byte a counter, of which those below `used()` belong to modules. */
  readonly counters: Uint8Array;
  used(): number;
  /** From a path relative to the root to its counters, and from `path#function` to those of a function. */
  readonly places: ReadonlyMap<string, Range>;
  readonly words: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
}

const countersMax = 1 << 17;

/** `below`: folders, relative to `root`, whose modules are instrumented; call it before they are imported. */
export function countEdges(root: string, below: readonly string[]): Edges {
  const counters = new Uint8Array(countersMax);
  const places = new Map<string, Range>();
  const words = new Set<string>();
  const numbers = new Set<number>();
  let used = 0;
  Reflect.set(globalThis, countersName, counters);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith("file:")) return loaded;
      const path = relative(root, fileURLToPath(url));
      const format = loaded.format ?? "";
      const source = loaded.source;
      if (!below.some((folder) => path.startsWith(folder)) || source === undefined || source === null) return loaded;
      if (!["module", "module-typescript", "commonjs"].includes(format)) return loaded;
      const text = typeof source === "string" ? source : new TextDecoder().decode(source);
      const plain = format === "module-typescript" ? stripTypeScriptTypes(text) : text;
      const kind = format === "commonjs" ? "commonjs" : "module";
      const made = instrument(plain, kind, used);
      if (made.end > countersMax) throw new Error(`Cannot instrument ${path}: more than ${countersMax} edges`);
      places.set(path, { first: used, end: made.end });
      for (const [name, range] of made.functions) places.set(`${path}#${name}`, range);
      used = made.end;
      if (path.startsWith("src/")) {
        for (const word of made.words) words.add(word);
        for (const number of made.numbers) numbers.add(number);
      }
      return { format: kind, source: made.code, shortCircuit: true };
    },
  });
  return { counters, used: () => used, places, words, numbers };
}
