// Built-in check: no unit of systemd has failed that was fine under the last version found good (P8).
import { Fault } from "../../../base/fault.ts";
import { judgeUnits, parseUnits } from "../../../domain/boot/units.ts";
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

const list = (units: readonly string[]): string => units.slice(0, 10).join(", ");

export const systemUnits: BuiltInCheck = {
  name: "system-units",
  timeMs: 30_000,
  run: async ({ session }) => {
    const units = await readUnits(session);
    if (units === undefined) return skipped("systemd does not run here");
    const before = await readFineUnits(session);
    const { regressed, others } = judgeUnits(before?.fine, units.failed);
    const since = before?.version === undefined ? "at the last good boot" : `under version ${before.version}`;
    if (regressed.length > 0) return failed(`${list(regressed)} failed and did not ${since}`);
    if (others.length > 0)
      return passed(
        `${list(others)} failed, which ${before === undefined ? "nobody can compare" : `was not fine ${since}`}`,
      );
    return passed("no unit has failed");
  },
};
