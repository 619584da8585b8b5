// Whether a boot is good: what the health checks said, put together (P8). Pure.
import type { BootVerdict, FailedCheck } from "./boot-record.ts";

export interface CheckResult {
  readonly name: string;
  /** One that must pass; the others only warn. */
  readonly required: boolean;
  readonly state: "passed" | "failed" | "skipped";
  /** What was found, in a clause. */
  readonly text: string;
  readonly durationMs: number;
  /** The end of what a program wrote. */
  readonly output?: string;
}

export interface Health {
  readonly verdict: Exclude<BootVerdict, "given-back">;
  readonly results: readonly CheckResult[];
  /** Required checks that did not pass. */
  readonly failed: readonly FailedCheck[];
}

const textMax = 500;

/** Every required check has to pass or to have nothing to look at; that none failed to run is part of it. */
export function judgeHealth(results: readonly CheckResult[]): Health {
  const failed = results
    .filter(({ required, state }) => required && state === "failed")
    .map(({ name, text }) => ({ name, text: text.slice(0, textMax) }));
  return { verdict: failed.length === 0 ? "good" : "bad", results, failed };
}

/** Checks by name: one in a later folder is masked by one of its name before. */
export interface CheckProgram {
  readonly name: string;
  readonly path: string;
  readonly required: boolean;
}

/** `folders` in the order in which they win. `dev-null`: a link that switches a check off. */
export function chooseChecks(
  folders: readonly {
    readonly folder: string;
    readonly required: boolean;
    readonly items: readonly { readonly name: string; readonly masked: boolean }[];
  }[],
): readonly CheckProgram[] {
  const seen = new Set<string>();
  const chosen: CheckProgram[] = [];
  for (const { folder, required, items } of folders) {
    for (const { name, masked } of items) {
      const key = `${required ? "required" : "wanted"}/${name}`;
      if (seen.has(key) || name.startsWith(".") || name.endsWith("~")) continue;
      seen.add(key);
      if (!masked) chosen.push({ name, path: `${folder}/${name}`, required });
    }
  }
  const rank = ({ name, required }: CheckProgram): string => `${required ? "0" : "1"}${name}`;
  return chosen.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
