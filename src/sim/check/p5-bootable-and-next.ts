// P5, looked at from outside: what was reported as done is whole and is what the loader starts next.
import { parseLoaderConf } from "../../format/loader-conf.ts";
import { type LoaderConfig, predict } from "../../domain/loader.ts";
import { espEntries } from "../boot/esp-entries.ts";
import type { SimWorld } from "../machine.ts";
import { flawsOf, type SeenEntry, seenEntries } from "./seen-entries.ts";
import { flawOf, lacks, type Truth } from "./truth.ts";

export async function bootableAndNext(truth: Truth, world: SimWorld, target: string): Promise<readonly string[]> {
  if (truth.esp === undefined) return linksTo(truth, world, target);
  const { fileName, seen } = await nextEntry(truth, world);
  if (seen?.version !== target) return [`P5: ${fileName ?? "nothing"} boots next, not version ${target}`];
  return flawsOf(world, seen).map((flaw) => `P5: ${flaw}`);
}

/** What the loader starts next: its name, and which of ours it is. */
export async function nextEntry(
  truth: Truth,
  world: SimWorld,
): Promise<{ readonly fileName: string | undefined; readonly seen: SeenEntry | undefined }> {
  const { esp } = truth;
  if (esp === undefined) return { fileName: undefined, seen: undefined };
  const { variables } = world;
  const { next } = predict({
    entries: (await espEntries(world.tree, { esp })).map(({ entry }) => entry),
    config: configOf(world, esp),
    choices: { default: variables.get("LoaderEntryDefault"), oneShot: variables.get("LoaderEntryOneShot") },
    supportsPreferred: false,
    idsWithCounter: true,
  });
  const seen = (await seenEntries(truth, world)).find(({ found }) => found.entry.path === next?.path);
  return { fileName: next?.fileName, seen };
}

/** A version without an entry is in use once the link leads to it; where there is no link, once it is whole. */
function linksTo({ builds, link }: Truth, world: SimWorld, target: string): readonly string[] {
  if (link === undefined) {
    const lacking = builds.filter(({ version }) => version === target).map((build) => lacks(world, build));
    return lacking.some((list) => list.length === 0) ? [] : (lacking[0] ?? []).map((lack) => `P5: ${lack}`);
  }
  const inUse = builds.find(({ parts }) =>
    parts.every((part) => flawOf(world, part.kind === "tree" ? { ...part, path: link } : part) === undefined),
  );
  return inUse?.version === target ? [] : [`P5: ${inUse?.version ?? "nothing whole"} is in use, not version ${target}`];
}

function configOf(world: SimWorld, esp: string): LoaderConfig {
  const file = world.tree.peek(`${esp}/loader/loader.conf`, "medium");
  const conf = parseLoaderConf(file === undefined || file === "unreadable" ? new Uint8Array() : file.bytes());
  return { default: conf.default, preferred: conf.preferred, rebootOnError: conf.rebootOnError ?? "no" };
}
