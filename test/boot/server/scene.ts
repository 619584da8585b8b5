// What the boots of the server profile are made of, or why there can be none here; and the tests' own frame.
import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { test, type TestContext } from "node:test";
import { machineParts, type MachineParts, NoGuest } from "../../../tools/lab/machine/parts.ts";
import { type BootRelease, bootRelease } from "../releases.ts";
import { ServerLab } from "./server-lab.ts";

const programs = [
  "mkfs.erofs",
  "dump.erofs",
  "fsck.erofs",
  "ukify",
  "sfdisk",
  "mkfs.fat",
  "fsck.fat",
  "mkfs.ext4",
].concat(["debugfs", "mcopy", "mdir", "mmd", "mdel", "mren"]);

export interface ServerScene {
  readonly parts: MachineParts;
  readonly v1: BootRelease;
  readonly v2: BootRelease;
  readonly lab: ServerLab;
}

interface Ingredients {
  readonly parts: MachineParts;
  readonly v1: BootRelease;
  readonly v2: BootRelease;
}

let gathered: Promise<Ingredients | NoGuest> | undefined;

async function gather(say: (line: string) => void): Promise<Ingredients | NoGuest> {
  try {
    const parts = await machineParts(say, programs);
    process.env["PATH"] = `${parts.tools.binFolder}${delimiter}${process.env["PATH"] ?? ""}`;
    const release = (version: string): Promise<BootRelease> => bootRelease({ version, profile: "server", say });
    return { parts, v1: await release("1"), v2: await release("2") };
  } catch (error) {
    if (error instanceof NoGuest) return error;
    throw error;
  }
}

/** All boots are run by `npm run test:boot`; those that say so also by `npm test`. */
export function serverTest(
  name: string,
  options: { readonly always?: boolean },
  body: (scene: ServerScene, t: TestContext) => Promise<void>,
): void {
  if (options.always !== true && process.env["HOLDFAST_BOOTS"] !== "full") return;
  test(name, async (t) => {
    gathered ??= gather((line) => t.diagnostic(line));
    const ingredients = await gathered;
    if (ingredients instanceof NoGuest) return t.skip(ingredients.message.split("\n")[0]);
    await using lab = await ServerLab.create();
    try {
      await body({ ...ingredients, lab }, t);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${lab.consoles}`, { cause: error });
    }
    for (const boot of lab.boots) t.diagnostic(`boot ${boot.number}: ${boot.ended} after ${boot.seconds.toFixed(1)} s`);
  });
}

/** One try is enough to see it. */
export const oneTry = `mkdir -p /etc/sysupdate.d/30-uki.transfer.d
printf '[Target]\\nTriesLeft=1\\n' >/etc/sysupdate.d/30-uki.transfer.d/tries.conf
`;

/** JSON that the machine said on one line. */
export function saidJson(said: ReadonlyMap<string, string>, word: string): unknown {
  const text = said.get(word);
  assert.ok(text !== undefined, `the machine did not say ${word}`);
  return JSON.parse(text);
}
