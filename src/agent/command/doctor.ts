// `doctor`: audits every boot entry and everything it needs; `--repair` mends what can be mended.
// Works on the tree of a machine that is switched off as it does on a live one.
import type { Version } from "../../base/ids.ts";
import type { Finding } from "../../domain/findings.ts";
import { newestFirst } from "../../domain/version-order.ts";
import type { DoctorReport } from "../../wire/reports.ts";
import { findingsOf } from "../observe/diagnosis.ts";
import { initrdFindings } from "../observe/initrd-findings.ts";
import { closeEsp, openEsp } from "../install/esp-guard.ts";
import { locked } from "../state/locked.ts";
import { type Observation, observe, observeAgain } from "../observe/observe.ts";
import { observeWithSources, type WithSources } from "../observe/observe-with-sources.ts";
import { damagedPlaces, proveVersion } from "../install/prove.ts";
import { rememberCatalog } from "../state/remember.ts";
import { repairAll } from "../install/repair-all.ts";
import { menuLines } from "./report-lines.ts";
import type { Session } from "../session.ts";
import { settle } from "../install/settle.ts";

export interface DoctorOptions {
  /** Read everything, not only what changed since it was last read. */
  readonly deep: boolean;
  readonly repair: boolean;
}

/**
 * Versions to read: all of them with `deep`, otherwise those of which something may have changed, and, where the
 * repository was asked, those that nobody has vouched for yet.
 */
function versionsToRead(observation: Observation, deep: boolean): readonly Version[] {
  const { situation } = observation;
  const doubtful = situation.inventory.instances.filter(
    (instance) =>
      deep ||
      situation.soundness.get(instance) === "unchecked" ||
      (situation.catalog !== undefined && situation.soundness.get(instance) === "unknown"),
  );
  return [...new Set(doubtful.map(({ version }) => version))].sort(newestFirst);
}

interface Examined {
  readonly observation: Observation;
  readonly checkedBytes: number;
}

async function examine(session: Session, before: Observation, deep: boolean, save: boolean): Promise<Examined> {
  const damaged: string[] = [];
  let checkedBytes = 0;
  const versions = versionsToRead(before, deep);
  for (const [at, version] of versions.entries()) {
    const title = `Read version ${version}`;
    session.machine.progress.report({ kind: "step", index: at + 1, count: versions.length, title });
    const proof = await proveVersion(session, before, version, { adopt: false, save });
    checkedBytes += proof.checkedBytes;
    damaged.push(...damagedPlaces(proof));
    session.machine.progress.report({ kind: "step-done", index: at + 1, count: versions.length, title });
  }
  return {
    observation: versions.length === 0 ? before : await observeAgain(session, before, { damaged }),
    checkedBytes,
  };
}

/** The sources are asked only for a repair. */
async function withSources(session: Session): Promise<WithSources> {
  const seen = await observeWithSources(session);
  if (seen.problem === undefined) await rememberCatalog(session, seen.observation);
  else
    session.machine.progress.report({
      kind: "warning",
      text: `Nothing can be fetched for the repair: ${seen.problem.message}`,
    });
  return seen;
}

function report(
  options: DoctorOptions,
  findings: readonly Finding[],
  examined: Examined,
  repaired: readonly string[],
): DoctorReport {
  return {
    healthy: !findings.some(({ severity }) => severity === "error"),
    deep: options.deep,
    findings,
    repaired,
    checkedBytes: examined.checkedBytes,
    menu: menuLines(examined.observation),
  };
}

async function allFindings(session: Session, observation: Observation): Promise<readonly Finding[]> {
  return [
    ...(await findingsOf(session, observation, { volumes: true })),
    ...(await initrdFindings(session, observation)),
  ];
}

export async function doctorMachine(session: Session, options: DoctorOptions): Promise<DoctorReport> {
  if (!options.repair) {
    const examined = await examine(session, await observe(session, { catalog: false }), options.deep, false);
    return report(options, await allFindings(session, examined.observation), examined, []);
  }
  return locked(session, "doctor", async () => {
    const asked = await withSources(session);
    const { observation, repaired: settled } = await settle(session, asked.observation);
    await openEsp(session, observation);
    const examined = await examine(session, observation, options.deep, true);
    const mended = await repairAll(session, examined.observation, asked.problem);
    await closeEsp(session, mended.observation);
    const findings = [...mended.findings, ...(await allFindings(session, mended.observation))];
    const repaired = settled
      ? ["The file system of the boot partition was checked and repaired.", ...mended.repaired]
      : mended.repaired;
    return report(
      options,
      findings,
      { observation: mended.observation, checkedBytes: examined.checkedBytes },
      repaired,
    );
  });
}
