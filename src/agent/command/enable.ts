// `enable` and `disable`: whether updates come by themselves. Both may be interrupted and repeated at any point.
import { Fault } from "../../base/fault.ts";
import type { DisableReport, EnableReport } from "../../wire/unit-reports.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { giveBackUnits, takeOver } from "../units/hand-over.ts";
import { Systemctl } from "../units/systemctl.ts";
import {
  answeringUnits,
  bootUnits,
  rebootUnits,
  theirAnsweringUnit,
  theirTimers,
  updateUnits,
  userUnits,
} from "../units/unit-names.ts";

export interface EnableOptions {
  /** Folder of the host with the tree of a machine that is switched off. */
  readonly root?: string;
  /** The maintenance window as well. */
  readonly reboot: boolean;
}

export interface DisableOptions {
  readonly root?: string;
  /** What judges boots as well. */
  readonly all: boolean;
}

function demandHost(session: Session, doing: string): void {
  const { component } = session.settings;
  if (component === undefined) return;
  throw new Fault("usage", `Cannot ${doing} for the component ${component}: the units update the OS itself`, {
    hint: "For a component, call `holdfast update --component=NAME` from a unit of your own.",
    kind: "usage",
  });
}

interface Standing {
  readonly on: readonly string[];
  readonly off: readonly string[];
}

async function standingOf(systemctl: Systemctl, units: readonly string[]): Promise<Standing> {
  const on: string[] = [];
  const off: string[] = [];
  for (const unit of units) {
    const state = await systemctl.state(unit);
    if (state === "absent" || state === "masked") {
      const why = state === "masked" ? "it is masked" : "it is not installed";
      throw new Fault("units-missing", `Cannot turn on ${unit}: ${why}`, {
        hint: state === "masked" ? `Run: systemctl unmask ${unit}` : "Install Holdfast's package, which has its units.",
      });
    }
    (state === "disabled" ? off : on).push(unit);
  }
  return { on, off };
}

export async function enableUpdates(session: Session, { root, reboot }: EnableOptions): Promise<EnableReport> {
  demandHost(session, "turn on updates");
  const systemctl = new Systemctl(session.machine.process, root);
  return locked(session, "enable", async () => {
    const answering: string[] = [];
    for (const unit of answeringUnits) if ((await systemctl.state(unit)) !== "absent") answering.push(unit);
    const wanted = [...bootUnits, ...updateUnits, ...answering, ...(reboot ? rebootUnits : [])];
    const { on, off } = await standingOf(systemctl, wanted);
    const theirs = [...theirTimers, ...(answering.includes(answeringUnits[1]) ? [theirAnsweringUnit] : [])];
    const takenOver = await takeOver(session, systemctl, theirs);
    await systemctl.do("enable", off);
    const late: string[] = [];
    for (const unit of wanted)
      if (systemctl.live && !isBootUnit(unit) && !(await systemctl.isActive(unit))) late.push(unit);
    await systemctl.do("start", late);
    const told = await systemctl.forUsers("enable", "disabled", userUnits);
    const reboots = reboot || (await systemctl.state(rebootUnits[0])).startsWith("enabled");
    if (off.length + takenOver.length > 0)
      await record(session, "turned-on", undefined, `Updates come by themselves: ${wanted.join(", ")}`);
    return { turnedOn: [...off, ...told], wereOn: on, takenOver, reboots };
  });
}

function isBootUnit(unit: string): boolean {
  return (bootUnits as readonly string[]).includes(unit);
}

export async function disableUpdates(session: Session, { root, all }: DisableOptions): Promise<DisableReport> {
  demandHost(session, "turn off updates");
  const systemctl = new Systemctl(session.machine.process, root);
  return locked(session, "disable", async () => {
    const turnedOff: string[] = [];
    const stayOn: string[] = [];
    for (const unit of [...rebootUnits, ...updateUnits, ...answeringUnits, ...bootUnits]) {
      const isOn = (await systemctl.state(unit)).startsWith("enabled");
      if (isBootUnit(unit) && !all) {
        if (isOn) stayOn.push(unit);
      } else if (isOn || (await systemctl.isActive(unit))) turnedOff.push(unit);
    }
    if (systemctl.live)
      await systemctl.do(
        "stop",
        turnedOff.filter((unit) => !isBootUnit(unit)),
      );
    await systemctl.do("disable", turnedOff);
    turnedOff.push(...(await systemctl.forUsers("disable", "enabled", userUnits)));
    const givenBack = await giveBackUnits(session, systemctl);
    if (turnedOff.length + givenBack.length > 0)
      await record(session, "turned-off", undefined, "Updates no longer come by themselves");
    return { turnedOff, givenBack, stayOn };
  });
}
