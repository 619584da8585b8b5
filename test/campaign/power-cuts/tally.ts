// What was seen of the states of one recording: counted by kind, with the first of each kind told in full.
export const problemKinds = ["mount", "broken", "wayBack", "unfinished", "leftOver", "dead"] as const;
/**
 * The file system does not mount; an entry that the loader starts is broken (P1, P2); the way back is (P3); the next run
 * does not finish (P6), or leaves something. `dead` is no problem: a name that the loader passes over, of a file that is
 * empty or cannot be read, as a removal on FAT leaves it.
 */
export type ProblemKind = (typeof problemKinds)[number];

export interface Problem {
  readonly kind: ProblemKind;
  readonly text: string;
}

/** One line of the report. */
export interface Row {
  readonly updater: string;
  readonly fileSystem: string;
  readonly operation: string;
  readonly writes: number;
  readonly flushes: number;
  /** Disks that were judged, each different from the others. */
  readonly states: number;
  /** Of them, at a moment when nothing was waiting to be written. */
  readonly atFlushes: number;
  /** Different trees of files among them. */
  readonly trees: number;
  /** How often the next command was given. */
  readonly nextRuns: number;
  /** States in which something of the kind was wrong. */
  readonly wrong: Readonly<Record<ProblemKind, number>>;
  readonly told: readonly string[];
}

const toldMax = 8;

export class Tally {
  readonly #wrong = Object.fromEntries(problemKinds.map((kind) => [kind, 0])) as Record<ProblemKind, number>;
  readonly #told: string[] = [];
  readonly #trees = new Set<string>();
  #states = 0;
  #atFlushes = 0;
  #nextRuns = 0;

  /** Whether this tree of files was not seen before. */
  isNewTree(name: string): boolean {
    if (this.#trees.has(name)) return false;
    this.#trees.add(name);
    return true;
  }

  countNextRun(): void {
    this.#nextRuns += 1;
  }

  add(how: string, isAtFlush: boolean, problems: readonly Problem[]): void {
    this.#states += 1;
    if (isAtFlush) this.#atFlushes += 1;
    for (const kind of new Set(problems.map((problem) => problem.kind))) this.#wrong[kind] += 1;
    const wrong = problems.filter(({ kind }) => kind !== "dead");
    if (wrong.length > 0 && this.#told.length < toldMax)
      this.#told.push(`${how}: ${wrong.map(({ text }) => text).join("; ")}`);
  }

  row(facts: Pick<Row, "updater" | "fileSystem" | "operation" | "writes" | "flushes">): Row {
    const where = `${facts.updater}, ${facts.fileSystem}, ${facts.operation}`;
    return {
      ...facts,
      states: this.#states,
      atFlushes: this.#atFlushes,
      trees: this.#trees.size,
      nextRuns: this.#nextRuns,
      wrong: { ...this.#wrong },
      told: this.#told.map((text) => `${where}, ${text}`),
    };
  }
}
