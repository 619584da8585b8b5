// `quarantine list` and `quarantine lift`: what failed here, and letting it be tried again (P8).
import { Fault } from "../../base/fault.ts";
import { parseVersion } from "../../base/ids.ts";
import { newestFirst } from "../../domain/version-order.ts";
import type { QuarantineLiftReport, QuarantineReport } from "../../wire/boot-reports.ts";
import { observe } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { liftQuarantine } from "../state/state.ts";
import { readBoots, readFellBack, readTrials, saveBoots, saveFellBack, saveTrials } from "./boot-state.ts";

export async function quarantineReport(session: Session): Promise<QuarantineReport> {
  const { situation } = await observe(session, { catalog: false });
  const installed = new Set(situation.inventory.instances.map(({ version }) => version));
  const versions = [...situation.quarantine.values()]
    .sort((a, b) => newestFirst(a.version, b.version))
    .map(({ version, atMs, evidence, text }) => ({ version, atMs, evidence, text, installed: installed.has(version) }));
  return { versions };
}

/** What told against it is used up: the same boots do not condemn it a second time. */
export async function liftVersion(session: Session, text: string): Promise<QuarantineLiftReport> {
  const version = parseVersion(text);
  return locked(session, "quarantine lift", async () => {
    const { situation } = await observe(session, { catalog: false });
    if (!situation.quarantine.has(version)) {
      throw new Fault("not-quarantined", `Cannot lift the quarantine of version ${version}: it is not in quarantine`, {
        hint: "Run: holdfast quarantine list",
      });
    }
    const known = await readBoots(session);
    await saveBoots(session, { ...known, boots: known.boots.filter((boot) => boot.version !== version) });
    const others = (await readTrials(session)).filter((trial) => trial.version !== version);
    const atMs = session.machine.clock.nowMs();
    await saveTrials(session, [{ version, exhausted: 0, open: false, atMs }, ...others]);
    await liftQuarantine(session, version);
    if ((await readFellBack(session))?.version === version) await saveFellBack(session, undefined);
    await record(session, "lifted", version, `Version ${version} is no longer in quarantine`);
    return { version, installed: situation.inventory.instances.some((instance) => instance.version === version) };
  });
}
