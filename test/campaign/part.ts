// What a part of the campaign is and what it leaves: `docs/reliability/NAME.json`, from which the page is written (issue 3).

export type Cell = string | number;

export interface Table {
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** One line of the comparison at the top of the page. */
export interface Headline {
  /** What was counted, "BROKEN entries right after 500 kills". */
  readonly question: string;
  readonly holdfast: string;
  /** Whether it is what was promised. */
  readonly kept: boolean;
  /** The same, measured with systemd-sysupdate in the same run; absent where it was not. */
  readonly sysupdate257?: string;
  readonly sysupdate262?: string;
}

export interface Findings {
  readonly headlines: readonly Headline[];
  /** What was done, how often, with what: a few sentences for a stranger. */
  readonly told: string;
  readonly tables: readonly Table[];
  /** Everything that went wrong, each in a sentence; empty when nothing did. */
  readonly wrong: readonly string[];
  /** What could not be tried here, and why. */
  readonly notTried: readonly string[];
}

export interface PartOptions {
  readonly seed: number;
  /** How much: 1 is what issue 3 asks for; 0.1 a tenth of it. */
  readonly scale: number;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
}

export interface Part {
  /** In lower case with hyphens: also the name of the stored result. */
  readonly name: string;
  readonly title: string;
  /** Helper programs of the toolbox that it needs on the path. */
  readonly tools: readonly string[];
  run(options: PartOptions): Promise<Findings>;
}

/** As stored: what was found, when, where, and how to see it again. */
export interface PartResult extends Findings {
  readonly format: 1;
  readonly name: string;
  readonly title: string;
  /** Abbreviated; with `+` when the tree held changes. */
  readonly commit: string;
  /** Day, UTC. */
  readonly date: string;
  readonly seed: number;
  readonly scale: number;
  readonly seconds: number;
  /** The command. */
  readonly repeat: string;
}
