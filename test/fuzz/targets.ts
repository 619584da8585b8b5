// The targets of fuzz/ as the tests take them: all of them, with their stored inputs.
import { join } from "node:path";
import { targetNames } from "../../fuzz/engine/all.ts";
import { corpusFolder } from "../../fuzz/engine/fuzz.ts";
import { readCorpus } from "../../fuzz/engine/corpus.ts";
import { bytesOf, type Target } from "../../fuzz/target.ts";

const root = join(import.meta.dirname, "..", "..");

export interface Loaded {
  readonly target: Target;
  /** The target's own seeds, then what is stored. */
  readonly seeds: readonly Uint8Array[];
  readonly corpus: readonly Uint8Array[];
}

export async function loadTargets(): Promise<readonly Loaded[]> {
  const names = await targetNames(root);
  return Promise.all(
    names.map(async (name) => {
      const { target } = (await import(`../../fuzz/target/${name}.ts`)) as { readonly target: Target };
      return { target, seeds: target.seeds().map(bytesOf), corpus: await readCorpus(corpusFolder(root, name)) };
    }),
  );
}
