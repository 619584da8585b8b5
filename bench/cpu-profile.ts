// Where the time of one run goes, from the profile that V8 writes: which kind of code each sample was in.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { benchFolder } from "./stage.ts";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** The format of V8's `.cpuprofile`: a tree of calls, and which of its nodes each sample was in. */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Runs a program that starts one Node and says in a sentence where its time went. */
export async function profileOf(program: string, args: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(benchFolder, "profile-"));
  try {
    await measure(program, args, { environment: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` } });
    const [file] = await readdir(folder);
    if (file === undefined) return "";
    const profile = JSON.parse(await readFile(join(folder, file), "utf8")) as Profile;
    const parts = [...sums(profile)].toSorted(([, a], [, b]) => b - a);
    return `Profile of one run: ${parts.map(([kind, us]) => `${kind} ${(us / 1000).toFixed(0)} ms`).join("; ")}.`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sums(profile: Profile): Map<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const callers = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const total = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const kind = kindOf(stackOf(id, nodes, callers));
    total.set(kind, (total.get(kind) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  return total;
}

/** Innermost first. */
function stackOf(
  id: number,
  nodes: ReadonlyMap<number, ProfileNode>,
  callers: ReadonlyMap<number, number>,
): readonly ProfileNode[] {
  const stack: ProfileNode[] = [];
  for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
    const node = nodes.get(at);
    if (node !== undefined) stack.push(node);
  }
  return stack;
}

/** What Node does inside goes to whoever asked for it. */
function kindOf(stack: readonly ProfileNode[]): string {
  const innermost = stack[0]?.callFrame.functionName;
  if (innermost === "(idle)") return "waiting";
  if (innermost === "(garbage collector)") return "collecting garbage";
  const asker = stack.find(({ callFrame }) => /^node:internal\/modules\/|^file:/.test(callFrame.url))?.callFrame.url;
  if (asker === undefined) return "Node's own start and work";
  if (asker.startsWith("node:")) return "loading modules";
  return asker.includes("/node_modules/") ? "packages" : "Holdfast";
}
