// One thing taken away from the product, by a patch of its source text while it is loaded (issue 3, mutation).
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

/** What is taken away. A flush, a look at what is there, a comparison of it, the order of two steps, or a refusal. */
export type RemovalKind = "flush" | "read-back" | "comparison" | "order" | "refusal" | "memory";

export interface Removal {
  readonly kind: RemovalKind;
  /** What is gone, in words. */
  readonly what: string;
  /** Below `src/`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly from: string;
  readonly to: string;
  /** The scenario that found it last time: it is tried first. */
  readonly scenario?: string;
  /** Power cuts in a row that it takes; 1 when absent. */
  readonly crashes?: number;
  /** It takes a medium, a line or a server that fails at one call: those are tried, and no power cuts alone. */
  readonly faults?: true;
  /** Nothing has found it yet: the campaign tries everything. */
  readonly open?: true;
  /** Why nothing has found it, as far as we know. */
  readonly why?: string;
  /** What finds it where no simulated world can tell the difference, and why none can. */
  readonly unitTest?: { readonly file: string; readonly because: string };
}

const root = join(import.meta.dirname, "..", "..", "..");

export function pathOf({ file }: Pick<Removal, "file">): string {
  return join(root, "src", file);
}

/** The text without it. Throws where the product has changed and the list has not. */
export function patched(
  text: string,
  { what, file, from, to }: Pick<Removal, "what" | "file" | "from" | "to">,
): string {
  const count = text.split(from).length - 1;
  if (count !== 1) throw new Error(`Cannot remove ${what}: its text is ${count} times in src/${file}, not once`);
  return text.replace(from, () => to);
}

/** Why the removal cannot be made; nothing when it can. */
export async function staleness(removal: Removal): Promise<string | undefined> {
  try {
    stripTypeScriptTypes(patched(await readFile(pathOf(removal), "utf8"), removal));
    return undefined;
  } catch (error) {
    return `${removal.what}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The removals of one file. */
export function of(file: string, removals: readonly Omit<Removal, "file">[]): readonly Removal[] {
  return removals.map((removal) => ({ ...removal, file }));
}
