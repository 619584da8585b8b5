// `boot confirm`: after systemd-bless-boot: reads from the ESP what became of this boot, and does what a good boot allows:
// the list of known good entries, the notes of failed boots, what was given up, and the boot loader's copies (P8).
import { type Blessing, judgeBlessing } from "../../domain/boot/blessing.ts";
import { pinnedBad } from "../../domain/boot/pinned.ts";
import { withKnownGood } from "../../format/known-good-file.ts";
import type { ConfirmReport } from "../../wire/boot-reports.ts";
import { nextVersion } from "../command/report-lines.ts";
import { closeEsp, openEsp } from "../install/esp-guard.ts";
import { revive, versionToRevive } from "../install/revive.ts";
import { settle } from "../install/settle.ts";
import { type Observation, observe, observeAgain } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { noteBoot, readBoots, readTry, saveFineUnits } from "./boot-state.ts";
import { readUnits } from "./check/system-units.ts";
import { hasFailures, readFailures, readKnownGood, removeFailures, writeKnownGood } from "./esp-notes.ts";
import { updateLoader } from "./loader-copies.ts";
import { noteFallBack } from "./note-fall-back.ts";
import { bootSeen, demandLive, type ThisBoot, thisBoot } from "./this-boot.ts";
import { endTry } from "./try-version.ts";

/** Nothing of ours can be under way for longer at boot; an update of a timer waits for us as well. */
const lockWaitMs = 600_000;

function sentence(blessing: Blessing, available: boolean): string {
  switch (blessing.kind) {
    case "blessed":
      return `${blessing.entry.fileName} carries no counter`;
    case "still-counted":
      return available
        ? `${blessing.entry.path} still carries a counter: systemd-bless-boot did not rename it`
        : `${blessing.entry.path} still carries a counter, and no EFI variable can be read here (is efivarfs mounted?)`;
    case "gone":
      return `no entry ${blessing.entryId} is on the ESP any more`;
    case "unknown-entry":
      return "neither the boot loader nor os-release says which entry was booted";
  }
}

/** The units of today are what the next version is held against. */
async function rememberUnits(session: Session, boot: ThisBoot): Promise<void> {
  const units = await readUnits(session);
  if (units === undefined) return;
  await saveFineUnits(session, {
    format: 1,
    ...(boot.version === undefined ? {} : { version: boot.version }),
    atMs: session.machine.clock.nowMs(),
    fine: units.fine,
  });
}

/** Of a boot that is blessed by now: the ESP's list of good entries, and the end of the initrd's notes. */
async function settleEsp(session: Session, observation: Observation, entryId: string): Promise<void> {
  const { entries } = observation.situation.loader;
  const before = await readKnownGood(session, observation);
  const after = withKnownGood(before, entryId, new Set(entries.map(({ id }) => id)));
  const isOld = JSON.stringify(before) !== JSON.stringify(after);
  const noted = await hasFailures(session, observation);
  if (!isOld && !noted) return;
  // What was not given up by now happened to an entry that came up later all the same.
  for (const { entryId: id, code, text, kind } of await readFailures(session, observation))
    if (kind === "failed") await record(session, "evidence", undefined, `initrd: ${id}: ${code}: ${text}`);
  await openEsp(session, observation);
  if (isOld) await writeKnownGood(session, observation, after);
  if (noted) await removeFailures(session, observation);
  await closeEsp(session, observation);
}

async function clearPinned(session: Session, { situation }: Observation): Promise<readonly string[]> {
  const pending = await readTry(session);
  const cleared: string[] = [];
  for (const { variable, fileName } of pinnedBad(situation.loader, situation.graph)) {
    if (variable === "LoaderEntryOneShot" && pending !== undefined) continue;
    await session.machine.loader.write(variable, undefined);
    const text = `${variable} pinned ${fileName}, which is no good; it was cleared`;
    await record(session, "cleared", undefined, text);
    cleared.push(`${text}.`);
  }
  return cleared;
}

async function reviveOne(session: Session, observation: Observation, runsBadly: boolean): Promise<Observation> {
  const knownGood = await readKnownGood(session, observation);
  const version = versionToRevive(observation, { knownGood, runsBadly });
  return version === undefined ? observation : revive(session, observation, version);
}

/** A boot that was found good and could not be marked so will use up its tries: that is evidence (P8). */
async function noteUnblessed(session: Session, boot: ThisBoot, because: string): Promise<void> {
  const failed = [{ name: "blessing", text: because }];
  await noteBoot(session, bootSeen(boot, session.machine.clock.nowMs(), { verdict: "bad", failed }));
  await record(session, "not-blessed", boot.version, `This boot was found good and is not marked so: ${because}`);
}

export async function confirmBoot(session: Session): Promise<ConfirmReport> {
  demandLive(session, "confirm a boot");
  const patient = { ...session, settings: { ...session.settings, lockWaitMs } };
  return locked(patient, "boot confirm", async () => {
    const { observation: first } = await settle(session, await observe(session, { catalog: false }));
    const boot = await thisBoot(session, first);
    const known = (await readBoots(session)).boots.find(({ bootId }) => bootId === boot.bootId);
    const judged = known?.verdict === "good";
    const blessing = judgeBlessing(boot.entryId, first.situation.loader.entries);
    const because = judged ? sentence(blessing, session.machine.loader.available) : "this boot was not found good";
    if (judged && blessing.kind !== "blessed" && boot.counted) await noteUnblessed(session, boot, because);
    const { observation: noted, found } = await noteFallBack(session, first);
    const notices = [...(await clearPinned(session, noted)), ...(await endTry(session, noted, boot))];
    let observation = await reviveOne(session, await observeAgain(session, noted), known?.verdict === "bad");
    const isGood = judged && blessing.kind === "blessed";
    if (isGood) {
      await rememberUnits(session, boot);
      await settleEsp(session, observation, blessing.entry.id);
    }
    const loader = isGood ? await updateLoader(session, observation) : [];
    observation = await observeAgain(session, observation);
    return {
      version: boot.version,
      entry: blessing.kind === "blessed" || blessing.kind === "still-counted" ? blessing.entry.fileName : undefined,
      blessing: judged ? blessing.kind : "not-judged",
      because,
      givenUp: found,
      loader,
      notices,
      bootsNext: nextVersion(observation),
    };
  });
}
