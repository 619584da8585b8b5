// The one error type for everything that can go wrong outside our own code: bad input, a bad medium, a refusal.

/** How a Fault ends a command; the numbers are DESIGN's exit codes (src/cli/exit-code.ts). */
export type FaultKind = "failed" | "usage" | "nothing" | "refused" | "interrupted" | "busy" | "finding";

export interface FaultOptions {
  /** What a person can do about it: one sentence. */
  readonly hint?: string;
  /** Whether trying the same thing again later may succeed without anyone changing anything. */
  readonly retriable?: boolean;
  /** Facts for `--json` and the journal; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  readonly kind?: FaultKind;
}

/**
 * `code` is a kebab-case name from a closed union per module; `message` reads "Cannot <verb> <thing>: <state>".
 * Libraries throw Faults and neither log nor exit.
 */
export class Fault<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly retriable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly kind: FaultKind;

  constructor(code: Code, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.hint = options.hint;
    this.retriable = options.retriable ?? false;
    this.details = options.details ?? {};
    this.kind = options.kind ?? "failed";
  }
}
