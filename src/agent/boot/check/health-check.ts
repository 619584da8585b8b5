// What a health check is given and what it answers; time is bounded by whoever runs it (P8).
import { Fault } from "../../../base/fault.ts";
import type { CheckResult } from "../../../domain/boot/health.ts";
import type { Observation } from "../../observe/observe.ts";
import type { Session } from "../../session.ts";

export interface CheckContext {
  readonly session: Session;
  /** The machine as it is, or why it cannot be looked at. */
  readonly observed: Observation | Fault;
}

export type Finding = Pick<CheckResult, "state" | "text">;

export interface BuiltInCheck {
  readonly name: string;
  /** At most so long; nothing is waited for beyond the common deadline. */
  readonly timeMs: number;
  readonly run: (context: CheckContext) => Promise<Finding>;
}

export const passed = (text: string): Finding => ({ state: "passed", text });
export const failed = (text: string): Finding => ({ state: "failed", text });
export const skipped = (text: string): Finding => ({ state: "skipped", text });

/** The observation, or the Fault that stands for it thrown. */
export function demandObserved({ observed }: CheckContext): Observation {
  if (observed instanceof Fault) throw observed;
  return observed;
}
