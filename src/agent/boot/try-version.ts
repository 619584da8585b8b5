// `try`: boots a version once. The loader's one-shot choice is used up by that boot, so the machine comes back by itself
// unless the version is kept (P8).
import { Fault } from "../../base/fault.ts";
import { parseVersion, type Version } from "../../base/ids.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import { predict } from "../../domain/loader.ts";
import { whatItLacks } from "../../domain/promises.ts";
import type { TryReport } from "../../wire/boot-reports.ts";
import { nextVersion } from "../command/report-lines.ts";
import { proveVersion } from "../install/prove.ts";
import { settle } from "../install/settle.ts";
import { switchTo } from "../install/switch.ts";
import { type Observation, observe, observeAgain } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { saveQuarantine } from "../state/state.ts";
import { readTry, saveTry } from "./boot-state.ts";
import { demandLive, type ThisBoot } from "./this-boot.ts";

export type TryFaultCode =
  | "no-variables"
  | "not-installed"
  | "not-intact"
  | "running"
  | "not-tried"
  | "on-trial"
  | "not-next";

function refuse(code: TryFaultCode, message: string, hint: string): Fault<TryFaultCode> {
  return new Fault<TryFaultCode>(code, message, { hint, kind: "refused" });
}

async function proven(session: Session, observation: Observation, version: Version): Promise<void> {
  const proof = await proveVersion(session, observation, version, { adopt: false, save: true });
  if (proof.damaged.length === 0) return;
  const what = proof.damaged.map((part) => `${part.what}: ${part.why}`).join("; ");
  throw refuse("not-intact", `Cannot try version ${version}: it is damaged (${what})`, "Run: holdfast doctor --repair");
}

/** Makes `text` the version that the next boot starts, and that boot alone. */
export async function tryVersion(session: Session, text: string): Promise<TryReport> {
  const version = parseVersion(text);
  demandLive(session, `try version ${version}`);
  const { loader, process, clock } = session.machine;
  if (!loader.available) {
    const hint = "holdfast rollback VERSION makes it boot next and from then on, without EFI variables.";
    throw refuse(
      "no-variables",
      `Cannot try version ${version}: this machine has no EFI variables to tell the boot loader by`,
      hint,
    );
  }
  return locked(session, "try", async () => {
    const { observation: before } = await settle(session, await observe(session, { catalog: false }));
    const { running } = before.situation;
    if (running.version === version)
      throw refuse("running", `Cannot try version ${version}: it is running`, "Run: holdfast status");
    if (running.version === undefined)
      throw refuse(
        "running",
        `Cannot try version ${version}: it is not known what runs and is to come back`,
        running.because,
      );
    const node = before.situation.graph.nodes.find(
      (item) => item.version === version && item.entry.loadable.kind === "yes",
    );
    if (node === undefined)
      throw refuse(
        "not-installed",
        `Cannot try version ${version}: it is not installed with a boot entry`,
        "Run: holdfast list",
      );
    if (!isComplete(node)) {
      const lacks = whatItLacks(node) ?? "it is not whole";
      throw refuse("not-intact", `Cannot try version ${version}: ${lacks}`, `Run: holdfast update ${version}`);
    }
    await proven(session, before, version);
    const bootId = await process.bootId();
    await saveTry(session, {
      format: 1,
      version,
      back: running.version,
      atMs: clock.nowMs(),
      ...(bootId === undefined ? {} : { bootId }),
    });
    const id = before.situation.loader.idsWithCounter === true ? node.entry.fileName : node.entry.id;
    await loader.write("LoaderEntryOneShot", id);
    const after = await observeAgain(session, before);
    if (predict(after.situation.loader).next?.path !== node.entry.path) {
      await loader.write("LoaderEntryOneShot", undefined);
      await saveTry(session, undefined);
      throw refuse(
        "not-next",
        `Cannot try version ${version}: the boot loader would not start it all the same`,
        "Look at loader.conf and run: holdfast status",
      );
    }
    await record(session, "try", version, `Version ${version} boots once; ${running.version} comes back after that`);
    return { version, outcome: "armed", back: running.version, bootsNext: nextVersion(after), notices: [] };
  });
}

/** Keeps the version that runs for a try: it boots from now on. */
export async function keepTried(session: Session, text: string | undefined): Promise<TryReport> {
  demandLive(session, "keep a version");
  return locked(session, "try --keep", async () => {
    const { observation: before } = await settle(session, await observe(session, { catalog: false }));
    const pending = await readTry(session);
    const { running } = before.situation;
    const version = running.version;
    if (
      version === undefined ||
      pending === undefined ||
      pending.version !== version ||
      (text ?? version) !== version
    ) {
      const hint = "Run `holdfast try VERSION`, reboot, and run `holdfast try --keep` in that version.";
      throw refuse("not-tried", "Cannot keep this version: it was not started for a try", hint);
    }
    if (running.onTrial)
      throw refuse(
        "on-trial",
        `Cannot keep version ${version}: this boot of it has not been found good yet`,
        "Wait for boot-complete.target; `holdfast health` says what is amiss.",
      );
    const { observation, notices } = await switchTo(
      session,
      before,
      version,
      `passed over for ${version}, which was tried and kept`,
    );
    await saveTry(session, undefined);
    return { version, outcome: "kept", back: undefined, bootsNext: nextVersion(observation), notices };
  });
}

/**
 * After each boot: a tried version that runs does not stay what boots next, even where its boot was found good and its
 * entry lost its counter by that; and where another version runs, the try is over. Under the lock.
 */
export async function endTry(session: Session, observation: Observation, boot: ThisBoot): Promise<readonly string[]> {
  const pending = await readTry(session);
  const { running, quarantine } = observation.situation;
  if (pending === undefined || pending.bootId === boot.bootId) return [];
  if (running.version !== pending.version) {
    await saveTry(session, undefined);
    await record(session, "try-over", pending.version, `The try of version ${pending.version} is over`);
    return [`The try of version ${pending.version} is over.`];
  }
  const kept = quarantine.get(pending.version);
  if (nextVersion(observation) !== pending.back) {
    await switchTo(session, observation, pending.back, "tried once, and not kept");
    if (kept !== undefined) await saveQuarantine(session, kept);
  }
  return [`Version ${pending.version} runs for a try; ${pending.back} boots next. To stay: holdfast try --keep`];
}
