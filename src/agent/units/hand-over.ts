// One updater at a time: systemd-sysupdate's timers, and its socket where we answer in its place, are switched off when ours are switched on, and given back as they
// were. What they were is on disk before anything changes, so an interruption loses nothing (P6).
import type { HandedOverRecord, HandedOverUnit } from "../../wire/unit-state.ts";
import { handedOverSchema } from "../../wire/unit-state.ts";
import { decodeRecord } from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { readText, removeIfThere, writeDurably } from "../state/small-file.ts";
import { stateFolder } from "../state/state.ts";
import type { Systemctl } from "./systemctl.ts";
import { vendorLinks } from "./unit-names.ts";

function recordPath(session: Session): string {
  return `${stateFolder(session)}/handed-over.json`;
}

async function readRecord(session: Session): Promise<readonly HandedOverUnit[]> {
  const text = await readText(session.machine.disk, recordPath(session)).catch(() => undefined);
  return (text === undefined ? undefined : decodeRecord(handedOverSchema, text))?.units ?? [];
}

async function isOnByVendor(session: Session, unit: string): Promise<boolean> {
  const { disk } = session.machine;
  const found = await Promise.all(vendorLinks(unit).map((path) => disk.stat(path)));
  return found.some((each) => each !== undefined);
}

/** How a unit is switched on, or `undefined` where it is not. */
async function howOn(session: Session, systemctl: Systemctl, unit: string): Promise<HandedOverUnit | undefined> {
  const state = await systemctl.state(unit);
  if (state === "absent" || state === "masked") return undefined;
  const active = await systemctl.isActive(unit);
  if (await isOnByVendor(session, unit)) return { unit, by: "vendor", active };
  if (state === "enabled" || state === "enabled-runtime") return { unit, by: state, active };
  return active ? { unit, by: "enabled-runtime", active } : undefined;
}

/** Switches theirs off. Returns the names of what was on until now. */
export async function takeOver(
  session: Session,
  systemctl: Systemctl,
  theirs: readonly string[],
): Promise<readonly string[]> {
  const found: HandedOverUnit[] = [];
  for (const unit of theirs) {
    const on = await howOn(session, systemctl, unit);
    if (on !== undefined) found.push(on);
  }
  if (found.length === 0) return [];
  const names = new Set(found.map(({ unit }) => unit));
  const earlier = await readRecord(session);
  // A run that was cut off after it had stopped a unit has noted that it ran.
  const ran = new Set(earlier.filter(({ active }) => active).map(({ unit }) => unit));
  const record: HandedOverRecord = {
    format: 1,
    units: [
      ...earlier.filter(({ unit }) => !names.has(unit)),
      ...found.map((each) => ({ ...each, active: each.active || ran.has(each.unit) })),
    ],
  };
  const { disk, entropy } = session.machine;
  await writeDurably(disk, entropy, recordPath(session), `${JSON.stringify(record)}\n`);
  const named = (by: readonly HandedOverUnit["by"][]): readonly string[] =>
    found.filter((each) => by.includes(each.by)).map(({ unit }) => unit);
  if (systemctl.live) await systemctl.do("stop", named(["enabled", "enabled-runtime", "vendor"]));
  await systemctl.do("disable", named(["enabled", "vendor"]));
  await systemctl.do("disable", named(["enabled-runtime"]), systemctl.live ? ["--runtime"] : []);
  await systemctl.do("mask", named(["vendor"]));
  return [...names];
}

/** Gives back what was taken over. Returns the names of what is on again. */
export async function giveBackUnits(session: Session, systemctl: Systemctl): Promise<readonly string[]> {
  const units = await readRecord(session);
  const given: string[] = [];
  for (const { unit, by, active } of units) {
    const state = await systemctl.state(unit);
    if (by === "vendor" && state === "masked") await systemctl.do("unmask", [unit]);
    else if (by === "enabled" && state === "disabled") await systemctl.do("enable", [unit]);
    else if (by === "enabled-runtime" && state === "disabled" && systemctl.live)
      await systemctl.do("enable", [unit], ["--runtime"]);
    // Removed, masked or switched on by somebody else meanwhile: theirs to decide.
    else continue;
    if (active && systemctl.live) await systemctl.do("start", [unit]);
    given.push(unit);
  }
  await removeIfThere(session.machine.disk, recordPath(session));
  if (units.length > 0) await session.machine.disk.syncFolder(stateFolder(session));
  return given;
}
