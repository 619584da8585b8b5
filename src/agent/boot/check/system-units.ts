// Built-in check: no unit of systemd has failed that was fine under the last version found good (P8).
import { Fault } from "../../../base/fault.ts";
import { judgeUnits, onTheNetwork, parseUnits } from "../../../domain/boot/units.ts";
import type { Session } from "../../session.ts";
import { readFineUnits } from "../boot-state.ts";
import { type BuiltInCheck, failed, passed, skipped } from "./health-check.ts";

/** What systemd says of its units; undefined where it does not run. */
export async function readUnits(session: Session): Promise<ReturnType<typeof parseUnits> | undefined> {
  if (!session.settings.live) return undefined;
  try {
    const { exitCode, stdout } = await session.machine.process.run(
      "systemctl",
      ["list-units", "--all", "--plain", "--no-legend", "--no-pager", "--full"],
      { timeoutMs: 20_000 },
    );
    return exitCode === 0 ? parseUnits(stdout) : undefined;
  } catch (error) {
    if (error instanceof Fault && error.code === "tool-missing") return undefined;
    throw error;
  }
}

const namesMax = 100;

/** A version is not judged by the network (P8). */
async function waitingForNetwork(session: Session, units: readonly string[]): Promise<ReadonlySet<string>> {
  if (units.length === 0) return new Set();
  const args = ["show", "--no-pager", "--property=Id,After,Before", "--", ...units.slice(0, namesMax)];
  const { exitCode, stdout } = await session.machine.process.run("systemctl", args, { timeoutMs: 20_000 });
  return exitCode === 0 ? onTheNetwork(stdout) : new Set();
}

const list = (units: readonly string[]): string => units.slice(0, 10).join(", ");

export const systemUnits: BuiltInCheck = {
  name: "system-units",
  timeMs: 30_000,
  run: async ({ session }) => {
    const units = await readUnits(session);
    if (units === undefined) return skipped("systemd does not run here");
    const before = await readFineUnits(session);
    const judged = judgeUnits(before?.fine, units.failed);
    const remote = await waitingForNetwork(session, judged.regressed);
    const regressed = judged.regressed.filter((unit) => !remote.has(unit));
    const others = judged.others;
    const since = before?.version === undefined ? "at the last good boot" : `under version ${before.version}`;
    if (regressed.length > 0) return failed(`${list(regressed)} failed and did not ${since}`);
    if (remote.size > 0) return passed(`${list([...remote])} failed, which may be the network's fault`);
    if (others.length > 0)
      return passed(
        `${list(others)} failed, which ${before === undefined ? "nobody can compare" : `was not fine ${since}`}`,
      );
    return passed("no unit has failed");
  },
};
