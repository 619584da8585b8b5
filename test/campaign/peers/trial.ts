// One interrupted update of one updater, and what a person finds afterwards: the same judge for all of them.
import type { Death } from "../kills/execute.ts";
import type { Subject } from "./peer.ts";
import { newest, type PeerScene } from "./scene.ts";

export interface Outcome {
  /** Entries whose image is absent or wrong, right after the kill. */
  readonly broken: boolean;
  /** Two versions booted before; now fewer do. */
  readonly fallbackLost: boolean;
  /** What the next plain update did: the new version boots and nothing is BROKEN, or an exit code that says otherwise. */
  readonly completes: boolean;
  /** The next plain update ended with 0 although an entry is BROKEN. */
  readonly falseSuccess: boolean;
  /** Where the plain update did not complete, whether `vacuum` and another update did. */
  readonly vacuumHelps: boolean;
  /** For people. */
  readonly how: string;
}

/** `undefined`: the update was done before it could be interrupted. */
export async function trial(
  scene: PeerScene,
  subject: Subject,
  interrupt: () => Promise<Death>,
): Promise<Outcome | undefined> {
  await scene.reset();
  const death = await interrupt();
  if (!death.killed) return undefined;
  return afterwards(scene, subject);
}

/** Looks at the machine as it is now, and goes on as a person would. */
export async function afterwards(scene: PeerScene, subject: Subject): Promise<Outcome> {
  const { broken, bootable } = await scene.audit();
  const next = await update(scene, subject);
  let vacuumHelps = false;
  if (!next.completes) {
    await subject.run(scene.machine, ["vacuum"]);
    vacuumHelps = (await update(scene, subject)).completes;
  }
  return {
    broken: broken.length > 0,
    fallbackLost: bootable.length < 2,
    completes: next.completes,
    falseSuccess: next.code === 0 && next.isBroken,
    vacuumHelps,
    how: `the next update ended with ${next.code}${next.isBroken ? ", with a BROKEN entry" : ""}: ${next.lastLine}`,
  };
}

interface Updated {
  readonly code: number | null;
  readonly completes: boolean;
  readonly isBroken: boolean;
  readonly lastLine: string;
}

async function update(scene: PeerScene, subject: Subject): Promise<Updated> {
  const { code, output } = await subject.run(scene.machine, ["update"]);
  const { broken, bootable } = await scene.audit();
  const isBroken = broken.length > 0;
  const lines = output.trim().split("\n");
  return {
    code,
    isBroken,
    completes: code === 0 && !isBroken && bootable.includes(newest),
    lastLine: lines.at(-1) ?? "",
  };
}
