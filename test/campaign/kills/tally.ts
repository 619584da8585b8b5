// Counts what became of the kills of one operation on one file system.
import { type Problem, problemKinds, type Stage, stages, type Verdict } from "./course.ts";
import type { Interruption, Traced } from "./interrupt.ts";
import type { FileSystem } from "./loop-disk.ts";

export interface Row {
  readonly fileSystem: FileSystem;
  readonly operation: string;
  /** Undisturbed. */
  readonly ms: number;
  readonly kills: number;
  readonly atMoments: number;
  readonly beforeCalls: number;
  /** Places before a system call that there are. */
  readonly places: number;
  /** Of them, those that no run came to. */
  readonly unreached: number;
  /** Calls beyond these places that strace cannot tell apart. */
  readonly hidden: number;
  /** Kills by the fifth of the operation's time in which they came; those before calls count under none. */
  readonly fifths: readonly number[];
  readonly stages: Readonly<Record<Stage, number>>;
  /** Kills by what they came right before. */
  readonly calls: Readonly<Record<string, number>>;
  /** The next command had nothing left to do. */
  readonly nothingLeft: number;
  /** Kills after which there was such a problem. */
  readonly problems: Readonly<Record<Problem["kind"], number>>;
  readonly failures: readonly string[];
}

function zeros<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}

export class Tally {
  readonly #fileSystem: FileSystem;
  readonly #operation: string;
  readonly #ms: number;
  readonly #traced: Traced;
  readonly #fifths = [0, 0, 0, 0, 0];
  readonly #stages = zeros(stages);
  readonly #problems = zeros(problemKinds);
  readonly #calls: Record<string, number> = {};
  readonly #failures: string[] = [];
  #atMoments = 0;
  #beforeCalls = 0;
  #unreached = 0;
  #nothingLeft = 0;

  constructor(fileSystem: FileSystem, operation: string, ms: number, traced: Traced) {
    this.#fileSystem = fileSystem;
    this.#operation = operation;
    this.#ms = ms;
    this.#traced = traced;
  }

  get atMoments(): number {
    return this.#atMoments;
  }

  get kills(): number {
    return this.#atMoments + this.#beforeCalls;
  }

  progress(): string {
    return `${this.#fileSystem}, ${this.#operation}: ${this.kills} kills, ${this.#failures.length} failures`;
  }

  addUnreached(): void {
    this.#unreached += 1;
  }

  add(kill: Interruption, { stage, nextCode, problems }: Verdict): void {
    this.#stages[stage] += 1;
    if (nextCode === 3) this.#nothingLeft += 1;
    if (kill.kind === "call") {
      this.#beforeCalls += 1;
      this.#calls[kill.call.name] = (this.#calls[kill.call.name] ?? 0) + 1;
    } else {
      this.#atMoments += 1;
      const fifth = Math.min(4, Math.floor((kill.afterMs / this.#ms) * 5));
      this.#fifths[fifth] = (this.#fifths[fifth] ?? 0) + 1;
    }
    for (const kind of new Set(problems.map((problem) => problem.kind))) this.#problems[kind] += 1;
    const texts = problems.map(({ text }) => text);
    if (texts.length > 0) this.#failures.push(`${this.#where(kill)}, ${stage}:\n  ${texts.join("\n  ")}`);
  }

  row(): Row {
    return {
      fileSystem: this.#fileSystem,
      operation: this.#operation,
      ms: Math.round(this.#ms),
      kills: this.kills,
      atMoments: this.#atMoments,
      beforeCalls: this.#beforeCalls,
      places: this.#traced.places.length,
      unreached: this.#unreached,
      hidden: this.#traced.hidden,
      fifths: this.#fifths,
      stages: this.#stages,
      calls: this.#calls,
      nothingLeft: this.#nothingLeft,
      problems: this.#problems,
      failures: this.#failures,
    };
  }

  #where(kill: Interruption): string {
    const what =
      kill.kind === "call"
        ? `killed before ${kill.call.name} number ${kill.call.number}${kill.call.path === undefined ? "" : ` on ${kill.call.path}`}`
        : `killed after ${Math.round(kill.afterMs)} ms (${kill.reach})`;
    return `${this.#fileSystem}, ${this.#operation}, ${what}`;
  }
}
