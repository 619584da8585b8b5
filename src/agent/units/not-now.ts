// Why this is no time for an update that nobody waits for: what a timer's run asks before it looks at a source. A person
// who types `holdfast update` is not asked.
import { dateText } from "../../base/date-text.ts";
import { Fault } from "../../base/fault.ts";
import { type PowerSupply, runsOnBattery } from "../../domain/power.ts";
import type { Scruple } from "../../domain/scruple.ts";
import { observe } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { listIfThere, readText } from "../state/small-file.ts";

const powerFolder = "/sys/class/power_supply";
const suppliesMax = 32;

async function powerSupplies(session: Session): Promise<readonly PowerSupply[]> {
  const { disk } = session.machine;
  const items = await listIfThere(disk, powerFolder).catch(() => []);
  const supplies: PowerSupply[] = [];
  for (const { name } of items.slice(0, suppliesMax)) {
    const read = async (field: string): Promise<string | undefined> =>
      (await readText(disk, `${powerFolder}/${name}/${field}`).catch(() => undefined))?.trim();
    supplies.push({
      type: (await read("type")) ?? "",
      scope: await read("scope"),
      online: await read("online"),
      status: await read("status"),
    });
  }
  return supplies;
}

/**
 * NetworkManager's word (NMMetered: 1 yes, 3 yes as far as one can guess). Where it is not there or does not answer at
 * once, the connection is not metered.
 */
async function isMetered(session: Session): Promise<boolean> {
  const name = "org.freedesktop.NetworkManager";
  const question = ["get-property", name, "/org/freedesktop/NetworkManager", name, "Metered"];
  try {
    const { exitCode, stdout } = await session.machine.process.run(
      "busctl",
      ["--system", "--auto-start=no", "--timeout=5", ...question],
      { timeoutMs: 10_000 },
    );
    return exitCode === 0 && /^u [13]$/.test(stdout.trim());
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/** A clause, or `undefined` where nothing is in the way. */
export async function notNow(session: Session, even: readonly Scruple[]): Promise<string | undefined> {
  const { situation, facts } = await observe(session, { catalog: false });
  const { hold } = facts;
  const nowMs = session.machine.clock.nowMs();
  if (hold !== undefined && (hold.untilMs === undefined || hold.untilMs > nowMs))
    return hold.untilMs === undefined ? "updates are held" : `updates are held until ${dateText(hold.untilMs)}`;
  const { version, onTrial } = situation.running;
  if (onTrial)
    return version === undefined
      ? "it may be that the version that runs is on trial"
      : `version ${version} runs on trial and has not been found good yet`;
  if (!session.settings.live) return undefined;
  if (!even.includes("battery") && runsOnBattery(await powerSupplies(session)))
    return "the machine runs on its battery";
  if (!even.includes("metered") && (await isMetered(session))) return "the connection is metered";
  return undefined;
}
