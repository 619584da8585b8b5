// P12, "the firmware will take it": with Secure Boot on, a boot entry is fetched before anything is touched, and refused
// where the firmware would not start it. Until then nothing was removed, and no image was downloaded.
import { Fault } from "../../base/fault.ts";
import { joinPath } from "../../base/machine-path.ts";
import type { Destination, Plan, Step } from "../../domain/plan.ts";
import type { Offer } from "../../domain/resource.ts";
import type { BootPolicy } from "../../domain/secure-boot.ts";
import { type BootEntryFile, parseBootEntry } from "../../format/boot-entry.ts";
import { stagingName } from "../../format/leftover-name.ts";
import { acquire } from "../acquire/acquire.ts";
import type { Observation } from "../observe/observe.ts";
import { judgeBootImage } from "../observe/secure-boot.ts";
import type { Session } from "../session.ts";
import { readSmall } from "../state/small-file.ts";
import { stagingFolder } from "../state/state.ts";

export type AdmitFaultCode = "firmware-refuses" | "secure-boot-unreadable";

/** A resource that was fetched ahead of its time, as it travels: from here it is copied. */
export interface Fetched {
  readonly path: string;
  readonly transferredBytes: number;
}

/** By transfer. */
export type FetchedAhead = ReadonlyMap<string, Fetched>;

type AcquireStep = Extract<Step, { kind: "acquire" }>;

const maxConfBytes = 256 * 1024;

class Admission {
  readonly #session: Session;
  readonly #observation: Observation;
  readonly #steps: readonly AcquireStep[];
  readonly #policy: BootPolicy;
  readonly fetched = new Map<string, Fetched>();

  constructor(session: Session, observation: Observation, plan: Plan, policy: BootPolicy) {
    this.#session = session;
    this.#observation = observation;
    this.#steps = plan.steps.filter((step) => step.kind === "acquire");
    this.#policy = policy;
  }

  stepOf({ transfer }: Offer): AcquireStep {
    const step = this.#steps.find(({ offer }) => offer.transfer === transfer);
    if (step === undefined) throw new Error(`Assertion failed: the plan brings ${transfer} in`);
    return step;
  }

  /** Where its content lies now. What an earlier run has brought to its own place already is looked at there. */
  async bringIn({ offer, destination }: AcquireStep): Promise<string> {
    const { transfers, targets } = this.#observation.situation;
    const transfer = transfers.find(({ id }) => id === offer.transfer);
    const target = targets.get(offer.transfer);
    if (transfer === undefined || target === undefined)
      throw new Error(`Assertion failed: ${offer.transfer} has a target`);
    const name = stagingName(offer.sha256 ?? "");
    const ahead = stagingFolder(this.#session);
    const folder =
      !(await this.#isThere(joinPath(ahead, name))) && (await this.#isThere(joinPath(target.stagingFolder, name)))
        ? target.stagingFolder
        : ahead;
    const here = { ...target, folder, stagingFolder: folder };
    const { stagingPath, transferredBytes } = await acquire(this.#session, {
      transfer,
      offer,
      destination,
      target: here,
    });
    if (folder === ahead) this.fetched.set(transfer.id, { path: joinPath(folder, name), transferredBytes });
    return stagingPath;
  }

  async #isThere(path: string): Promise<boolean> {
    return (await this.#session.machine.disk.stat(path)) !== undefined;
  }

  async judge(path: string, name: string): Promise<void> {
    await using file = await this.#session.machine.disk.open(path, "read");
    const verdict = await judgeBootImage(this.#session, this.#policy, file, { thorough: true });
    if (verdict.kind === "taken") return;
    throw new Fault<AdmitFaultCode>(
      "firmware-refuses",
      `Cannot install ${name}: Secure Boot is on, and the firmware would not start it: ${verdict.why}`,
      { hint: hints[verdict.code], kind: "refused", details: { name, reason: verdict.code } },
    );
  }

  /** The program that a type 1 entry starts: one that comes with it, or one that is there already. */
  async judgeProgram(conf: BootEntryFile, root: string, name: string): Promise<void> {
    const program = conf.linux ?? conf.efi ?? conf.uki;
    if (program === undefined) return;
    const path = joinPath(root, program);
    const step = this.#steps.find(({ destination }) => fileOf(destination)?.toLowerCase() === path.toLowerCase());
    if (step !== undefined) return this.judge(await this.bringIn(step), step.offer.name);
    const there = await this.#session.machine.disk.resolve(path);
    if (there !== undefined) await this.judge(there, name);
  }

  async readConf(path: string): Promise<BootEntryFile> {
    return parseBootEntry((await readSmall(this.#session.machine.disk, path, maxConfBytes)) ?? new Uint8Array());
  }
}

const keysFirst =
  "Nothing was changed. A release signed with a new key can be taken once an earlier one has brought that key into db.";
const hints = {
  unsigned:
    "Nothing was changed. Ask its publisher for a signed release, or sign it yourself with a key that is in db.",
  "unknown-signer": keysFirst,
  "revoked-signer": keysFirst,
  "revoked-image": "Nothing was changed. What was revoked is known to be unsafe; wait for a newer release.",
  "old-sbat": "Nothing was changed. What was revoked is known to be unsafe; wait for a newer release.",
  "bad-signature": "Nothing was changed. It was published like this; tell its publisher.",
} as const;

function fileOf({ place }: Destination): string | undefined {
  return place.kind === "file" ? place.path : undefined;
}

/** The root of the file system of a type 1 entry: paths in it begin there. */
function rootOfConf(path: string): string | undefined {
  const end = path.toLowerCase().lastIndexOf("/loader/entries/");
  return end === -1 ? undefined : path.slice(0, end);
}

/** Fetches the entry and asks. Faults: `firmware-refuses`, `secure-boot-unreadable`, and what fetching it may throw. */
export async function admit(
  session: Session,
  observation: Observation,
  plan: Plan,
  offer: Offer,
): Promise<FetchedAhead> {
  const { secureBoot } = observation.situation;
  if (secureBoot?.kind === "unreadable") {
    throw new Fault<AdmitFaultCode>(
      "secure-boot-unreadable",
      `Cannot tell whether the firmware would start ${offer.name}: ${secureBoot.why}`,
      { hint: "Secure Boot is on, so nothing was installed. Look at db and dbx with mokutil.", kind: "refused" },
    );
  }
  if (secureBoot?.kind !== "on") return new Map();
  const admission = new Admission(session, observation, plan, secureBoot.policy);
  const step = admission.stepOf(offer);
  const path = await admission.bringIn(step);
  const root = rootOfConf(fileOf(step.destination) ?? "");
  if (root === undefined) await admission.judge(path, offer.name);
  else await admission.judgeProgram(await admission.readConf(path), root, offer.name);
  return admission.fetched;
}
