// Carries out a plan, step by step, each visible one after a fresh look (P1 to P5, P11). What is left after a crash
// at any point is a state from which `update` plans again (P6, P7).
import { Fault } from "../../base/fault.ts";
import { nothingTakenFromUnder } from "../../domain/promises.ts";
import type { Plan, Step } from "../../domain/plan.ts";
import type { ResourceRecord, VersionRecord } from "../../domain/records.ts";
import { roleOf } from "../../domain/role.ts";
import { instancesOf } from "../../domain/situation.ts";
import { describePlace, type Offer } from "../../domain/resource.ts";
import type { UpdateStanding } from "../../port/progress.ts";
import type { Transfer } from "../../format/definitions.ts";
import { type Acquired, acquire } from "../acquire/acquire.ts";
import { beginDownloads } from "../acquire/begin.ts";
import { forgetSource } from "../acquire/forget-source.ts";
import { waysOfStep } from "../acquire/ways/plan-ways.ts";
import type { KnownManifests } from "../acquire/ways/release-manifest.ts";
import type { Way } from "../acquire/ways/way.ts";
import { admit, type Fetched } from "./admit.ts";
import { auditTarget } from "./audit.ts";
import { clear, sweep } from "./clear.ts";
import { install, recordOf, switchLink } from "./install.ts";
import { recordTargets } from "./install-database.ts";
import { record } from "../state/journal.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import { damagedPlaces, type Proof, proveVersion } from "./prove.ts";
import type { Session } from "../session.ts";
import { saveVersion, stagingFolder } from "../state/state.ts";
import { titleOf } from "./step-title.ts";

export type ExecuteFaultCode = "removal-refused" | "not-whole";

export type Outcome =
  | {
      readonly kind: "done";
      readonly transferredBytes: number;
      /** The ways that were tried first, each once. */
      readonly ways: readonly Way["kind"][];
      readonly observation: Observation;
      readonly overriddenBy: string | undefined;
    }
  /** The way back is not intact, or nobody vouches for it: the caller repairs, plans another way, or refuses. */
  | { readonly kind: "way-back-in-doubt"; readonly proof: Proof };

type Bringing = Pick<Extract<Step, { kind: "acquire" }>, "offer" | "destination">;

class Execution {
  readonly #session: Session;
  readonly #plan: Plan;
  #observation: Observation;
  readonly #acquired = new Map<string, Acquired>();
  readonly #fetched = new Map<string, Fetched>();
  readonly #records = new Map<string, ResourceRecord>();
  readonly #known: KnownManifests = new Map();
  #recordSaved = false;
  readonly ways = new Set<Way["kind"]>();
  transferredBytes = 0;
  overriddenBy: string | undefined;

  constructor(session: Session, observation: Observation, plan: Plan) {
    this.#session = session;
    this.#observation = observation;
    this.#plan = plan;
  }

  get observation(): Observation {
    return this.#observation;
  }

  #transfer(id: string): Transfer {
    const transfer = this.#observation.situation.transfers.find((item) => item.id === id);
    if (transfer === undefined) throw new Error(`Assertion failed: the plan names the transfer ${id}`);
    return transfer;
  }

  async #look(): Promise<void> {
    this.#observation = await observeAgain(this.#session, this.#observation);
  }

  /** How the bytes may come, told where it is not the whole file. */
  async #ways(step: Bringing, keptBytes: number): Promise<readonly Way[] | undefined> {
    const survey = await waysOfStep(this.#session, this.#observation, this.#plan, step, {
      known: this.#known,
      keptBytes,
      thorough: false,
    });
    this.transferredBytes += survey?.transferredBytes ?? 0;
    const [first] = survey?.ways ?? [];
    this.ways.add(first?.kind ?? "whole");
    if (first !== undefined && first.kind !== "whole")
      this.#session.machine.progress.report({ kind: "note", text: `${step.offer.name} comes as ${first.title}` });
    return survey?.ways;
  }

  async #acquire(step: Bringing): Promise<Acquired> {
    const transfer = this.#transfer(step.offer.transfer);
    const target = this.#observation.situation.targets.get(transfer.id);
    if (target === undefined) throw new Error(`Assertion failed: ${transfer.id} has a target`);
    const fetched = this.#fetched.get(transfer.id);
    const offer = fetched === undefined ? step.offer : { ...step.offer, location: fetched.path, remote: false };
    const acquired = await acquire(this.#session, {
      transfer,
      offer,
      destination: step.destination,
      target,
      ...(fetched === undefined ? { ways: (keptBytes: number) => this.#ways(step, keptBytes) } : {}),
    });
    this.transferredBytes += fetched?.transferredBytes ?? acquired.transferredBytes;
    if (fetched !== undefined) await this.#forgetFetched(step.offer);
    this.#acquired.set(transfer.id, acquired);
    this.#records.set(
      transfer.id,
      recordOf({ transfer, offer: step.offer, destination: step.destination, ...acquired }),
    );
    return acquired;
  }

  /** Once it was copied to where it belongs, nothing is left of it where it was looked at. */
  async #forgetFetched(offer: Offer): Promise<void> {
    this.#fetched.delete(offer.transfer);
    await forgetSource(this.#session, offer, { stagingFolder: stagingFolder(this.#session) });
  }

  /** Two resources with the same bytes share a staging name: the first to be installed has taken it along. */
  async #acquiredFor(step: Extract<Step, { kind: "install" }>): Promise<Acquired> {
    const acquired = this.#acquired.get(step.offer.transfer);
    if (acquired === undefined) throw new Error(`Assertion failed: ${step.offer.name} was acquired`);
    if (step.destination.place.kind === "partition") return acquired;
    const there = await this.#session.machine.disk.stat(acquired.stagingPath);
    return there === undefined ? this.#acquire(step) : acquired;
  }

  /** Records what the version consists of, whole, before an entry may name it. */
  async #saveRecord(): Promise<void> {
    const { situation } = this.#observation;
    const version = this.#plan.target;
    const before = situation.versions.get(version);
    const others = (before?.resources ?? []).filter(({ transfer }) => !this.#records.has(transfer));
    const {
      partial: _,
      leaving: __,
      ...rest
    } = before ?? {
      format: 1 as const,
      version,
      installedAtMs: this.#session.machine.clock.nowMs(),
    };
    const record: VersionRecord = { ...rest, resources: [...others, ...this.#records.values()] };
    await saveVersion(this.#session, record);
    this.#recordSaved = true;
  }

  async #install(step: Extract<Step, { kind: "install" }>): Promise<void> {
    const transfer = this.#transfer(step.offer.transfer);
    const acquired = await this.#acquiredFor(step);
    if (!this.#recordSaved) {
      const { transfers, targets } = this.#observation.situation;
      await recordTargets(this.#session, transfers, targets);
      await this.#saveRecord();
    }
    if (step.destination.role === "entry") await this.#demandWhole();
    const request = { transfer, offer: step.offer, destination: step.destination, ...acquired };
    this.#records.set(transfer.id, await install(this.#session, request));
    this.#believe(describePlace(step.destination.place));
    const target = this.#observation.situation.targets.get(transfer.id);
    if (target !== undefined) await forgetSource(this.#session, step.offer, target);
    await this.#saveRecord();
  }

  /** An enabled transfer without an entry that has no verified instance of the target. */
  #lacking(): Transfer | undefined {
    const { situation } = this.#observation;
    return situation.transfers.find((transfer) => {
      if (roleOf(transfer.target) === "entry") return false;
      const own = instancesOf(situation, this.#plan.target).filter((instance) => instance.transfer === transfer.id);
      return !own.some((instance) => situation.soundness.get(instance) === "verified");
    });
  }

  /**
   * The last look before a name appears that the loader reads: everything else is in place and proven (P1, P11).
   * FAT gives a file new stamps at will, so what looks changed is read once more before it counts as changed.
   */
  async #demandWhole(): Promise<void> {
    await this.#look();
    if (this.#lacking() === undefined) return;
    const proof = await proveVersion(this.#session, this.#observation, this.#plan.target, { adopt: false, save: true });
    this.#observation = await observeAgain(this.#session, this.#observation, { damaged: damagedPlaces(proof) });
    const lacking = this.#lacking();
    if (lacking === undefined) return;
    throw new Fault<ExecuteFaultCode>(
      "not-whole",
      `Cannot add the boot entry of ${this.#plan.target}: what ${lacking.id} installed is missing or was changed meanwhile`,
      { hint: "Something else writes there. Run holdfast update again.", retriable: true },
    );
  }

  /** What was written anew and read back is no longer what was found damaged before. */
  #believe(place: string): void {
    const damaged = new Set([...this.#observation.damaged].filter((other) => other !== place));
    this.#observation = { ...this.#observation, damaged };
  }

  /** Looks afresh first: an entry that came meanwhile may need what is to go (P2, P11). */
  async #clear(step: Extract<Step, { kind: "clear" }>): Promise<void> {
    await this.#look();
    const { situation } = this.#observation;
    const { removal } = step;
    const promise = nothingTakenFromUnder({ graph: situation.graph, removals: [removal] });
    if (!promise.holds) {
      throw new Fault<ExecuteFaultCode>(
        "removal-refused",
        `Cannot remove version ${removal.version}: ${promise.sentence}`,
        {
          hint: "Something else changed the boot entries meanwhile. Run holdfast doctor.",
          kind: "refused",
        },
      );
    }
    if (removal.why === "make-room") await beginDownloads(this.#session, situation, this.#plan);
    const transfers = [...situation.transfers, ...this.#observation.definitions.disabled];
    await clear(this.#session, removal, transfers, situation.targets, removal.version !== this.#plan.target);
    await record(this.#session, "removed", removal.version, titleOf(step));
  }

  async #audit(): Promise<void> {
    await this.#look();
    const { observation, overriddenBy } = await auditTarget(this.#session, this.#observation, this.#plan.target);
    this.#observation = observation;
    this.overriddenBy = overriddenBy;
  }

  async run(step: Step): Promise<Proof | undefined> {
    switch (step.kind) {
      case "prove": {
        const { running } = this.#observation.situation;
        const adopt = running.version === undefined || running.version === step.version;
        const proof = await proveVersion(this.#session, this.#observation, step.version, { adopt, save: true });
        return proof.damaged.length > 0 || proof.unknown.length > 0 ? proof : undefined;
      }
      case "admit":
        for (const [transfer, fetched] of await admit(this.#session, this.#observation, this.#plan, step.offer))
          this.#fetched.set(transfer, fetched);
        return undefined;
      case "clear":
        await this.#clear(step);
        return undefined;
      case "acquire":
        await this.#acquire(step);
        return undefined;
      case "install":
        await this.#install(step);
        return undefined;
      case "link":
        await switchLink(this.#session, step.symlink, step.target);
        return undefined;
      case "audit":
        await this.#audit();
        return undefined;
      case "sweep":
        await sweep(this.#session, step.leftovers, [
          ...this.#observation.situation.transfers,
          ...this.#observation.definitions.disabled,
        ]);
        return undefined;
    }
  }
}

function bytesOf(step: Step): number | undefined {
  return step.kind === "acquire" || step.kind === "admit" ? step.offer.sizeBytes : undefined;
}

function standingAt({ target, steps }: Plan, at: number): UpdateStanding {
  const transfers = (from: number, to: number): number =>
    steps.slice(from, to).filter(({ kind }) => kind === "acquire").length;
  return {
    version: target,
    transfersDone: transfers(0, at),
    transfersLeft: transfers(at, steps.length),
    transfers: steps[at]?.kind === "acquire",
  };
}

/** What fails behind the audit takes nothing back, and whoever reads of it must not think so (incident E27). */
function sayWhatStands({ target }: Plan, error: unknown): unknown {
  if (!(error instanceof Fault)) return error;
  const { code, message, hint, kind, details, retriable } = error;
  const stands = `Version ${target} is installed and proven all the same; what is left to do comes with the next update.`;
  return new Fault(code, message, {
    hint: hint === undefined ? stands : `${stands} ${hint}`,
    kind,
    details,
    retriable,
    cause: error,
  });
}

/** Runs all steps. `withoutWayBack`: a way back in doubt is noted and passed over. */
export async function execute(
  session: Session,
  observation: Observation,
  plan: Plan,
  options: { readonly withoutWayBack: boolean },
): Promise<Outcome> {
  const execution = new Execution(session, observation, plan);
  const { progress } = session.machine;
  const count = plan.steps.length;
  let inDoubt = false;
  for (const [at, step] of plan.steps.entries()) {
    session.signal.throwIfAborted();
    // With the way back in doubt, an older version that may be intact is not the one to go.
    if (inDoubt && step.kind === "clear" && step.removal.why === "retention") continue;
    const title = titleOf(step);
    const totalBytes = bytesOf(step);
    const update = standingAt(plan, at);
    progress.report({
      kind: "step",
      index: at + 1,
      count,
      title,
      ...(totalBytes === undefined ? {} : { totalBytes }),
      update,
    });
    const proof = await execution.run(step).catch((error: unknown) => {
      throw plan.steps.slice(0, at).some(({ kind }) => kind === "audit") ? sayWhatStands(plan, error) : error;
    });
    if (proof !== undefined && !options.withoutWayBack) return { kind: "way-back-in-doubt", proof };
    if (proof !== undefined) {
      inDoubt = true;
      await record(
        session,
        "without-way-back",
        proof.version,
        `Went on although the way back, version ${proof.version}, is not proven`,
      );
    }
    progress.report({ kind: "step-done", index: at + 1, count, title });
  }
  return {
    kind: "done",
    transferredBytes: execution.transferredBytes,
    ways: [...execution.ways],
    observation: execution.observation,
    overriddenBy: execution.overriddenBy,
  };
}
