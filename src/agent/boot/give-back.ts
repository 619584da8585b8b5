// `boot give-back`: a clean shutdown before the verdict gives the try back, so that short sessions condemn nobody (P8).
import { Fault } from "../../base/fault.ts";
import { givenBack } from "../../domain/boot/blessing.ts";
import type { BootEntry } from "../../domain/boot-graph.ts";
import { parseEntryName } from "../../format/entry-name.ts";
import type { GiveBackReport } from "../../wire/boot-reports.ts";
import { closeEsp, doubts, openEsp } from "../install/esp-guard.ts";
import { renameEntry } from "../install/rename-entry.ts";
import { type Observation, observe } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { noteBoot, readBoots } from "./boot-state.ts";
import { bootSeen, demandLive, isMarked, thisBoot } from "./this-boot.ts";

/** Where the loader is not run again, its counter is not counted again either. */
async function staysInThisBoot(session: Session): Promise<boolean> {
  try {
    const { stdout } = await session.machine.process.run("systemctl", ["list-jobs", "--plain", "--no-legend"], {
      timeoutMs: 10_000,
    });
    return /\b(?:soft-reboot|kexec)\.target\b/.test(stdout);
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/** The entry whose boot the loader counted, by the name that it gave it. */
function countedEntry({ situation }: Observation, path: string): BootEntry | undefined {
  const id = parseEntryName(path.split(/[\\/]/).at(-1) ?? "")?.id.toLowerCase();
  return situation.graph.nodes.find(({ entry, version }) => version !== undefined && entry.id.toLowerCase() === id)
    ?.entry;
}

export async function giveBack(session: Session): Promise<GiveBackReport> {
  demandLive(session, "give back the try of a boot");
  const path = await session.machine.loader.read("LoaderBootCountPath");
  if (path === undefined) return { entry: undefined, because: "the loader does not count this boot" };
  const { bootId } = await thisBoot(session, undefined);
  const known = (await readBoots(session)).boots.find((boot) => boot.bootId === bootId);
  if (known?.verdict !== undefined)
    return { entry: undefined, because: `this boot was judged already: ${known.verdict}` };
  if (await isMarked(session, "given-up")) return { entry: undefined, because: "this boot was given up" };
  if (await staysInThisBoot(session)) return { entry: undefined, because: "the boot loader is not run again" };
  return locked(session, "boot give-back", async () => {
    const observation = await observe(session, { catalog: false });
    const entry = countedEntry(observation, path);
    const fileName = entry === undefined ? undefined : givenBack(entry);
    if (entry === undefined || fileName === undefined)
      return { entry: undefined, because: "no entry of ours was counted for this boot" };
    // There is no time for a check of the file system now, and a name is not worth a risk.
    const [doubt] = await doubts(session, observation);
    if (doubt !== undefined) return { entry: undefined, because: `the ESP is in doubt: ${doubt}` };
    await openEsp(session, observation);
    await renameEntry(session, entry, fileName);
    await closeEsp(session, observation);
    const boot = await thisBoot(session, observation);
    await noteBoot(session, bootSeen(boot, session.machine.clock.nowMs(), { verdict: "given-back" }));
    await record(
      session,
      "given-back",
      boot.version,
      `The boot ended before it was judged; ${entry.fileName} is ${fileName} again`,
    );
    return { entry: fileName, because: "it ended before it was judged" };
  });
}
