// What status and doctor say of boots: the last verdict, what was given up, and a try that is under way (P8).
import { type Finding, finding } from "../../domain/findings.ts";
import type { StatusReport } from "../../wire/reports.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { readBoots, readTry } from "./boot-state.ts";
import { fellBackStill } from "./note-fall-back.ts";

type BootFacts = Pick<StatusReport, "boot" | "fellBack" | "trying">;

/** Nothing is written: what is over is left out. */
export async function bootFacts(session: Session, observation: Observation): Promise<BootFacts> {
  if (session.settings.component !== undefined) return {};
  const [last] = (await readBoots(session)).boots;
  const fellBack = await fellBackStill(session, observation);
  const trying = await readTry(session);
  const bootId = session.settings.live ? await session.machine.process.bootId() : undefined;
  return {
    ...(last === undefined
      ? {}
      : {
          boot: {
            version: last.version,
            atMs: last.atMs,
            now: last.bootId === bootId,
            counted: last.counted,
            verdict: last.verdict,
            failed: last.failed ?? [],
          },
        }),
    ...(fellBack === undefined ? {} : { fellBack: { ...fellBack, to: fellBack.to } }),
    ...(trying === undefined ? {} : { trying: { version: trying.version, back: trying.back } }),
  };
}

export async function bootFindings(session: Session, observation: Observation): Promise<readonly Finding[]> {
  const { boot, fellBack } = await bootFacts(session, observation);
  const isBad = boot?.now === true && boot.verdict === "bad";
  const what = boot?.failed.map(({ name, text }) => `${name}: ${text}`).join("; ") ?? "";
  return [
    ...(isBad ? [finding("boot-found-bad", boot.version ?? "", what)] : []),
    ...(fellBack === undefined
      ? []
      : [finding(fellBack.evidence === "none" ? "unproven-version" : "fell-back", fellBack.version, fellBack.text)]),
  ];
}
