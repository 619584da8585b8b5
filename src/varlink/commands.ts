// The agent's commands as methods of Varlink call them: the same functions that the command line calls.
import type { DoctorOptions } from "../agent/command/doctor.ts";
import type { ComponentsReport, FeatureLine } from "../agent/command/features.ts";
import type { UpdateOptions } from "../agent/command/update.ts";
import type { Session, Settings } from "../agent/session.ts";
import type { Progress } from "../port/progress.ts";
import type { QuarantineLiftReport, QuarantineReport } from "../wire/boot-reports.ts";
import type * as Reports from "../wire/reports.ts";
import type { Action } from "./actions.ts";

export interface Commands {
  status(session: Session): Promise<Reports.StatusReport>;
  check(session: Session): Promise<Reports.CheckReport>;
  update(session: Session, options: UpdateOptions): Promise<Reports.UpdateReport>;
  rollback(session: Session, options: { readonly version?: string }): Promise<Reports.RollbackReport>;
  doctor(session: Session, options: DoctorOptions): Promise<Reports.DoctorReport>;
  history(session: Session): Promise<readonly Reports.HistoryLine[]>;
  pin(session: Session, version: string): Promise<void>;
  unpin(session: Session, version: string): Promise<void>;
  quarantine(session: Session): Promise<QuarantineReport>;
  liftQuarantine(session: Session, version: string): Promise<QuarantineLiftReport>;
  features(session: Session): Promise<readonly FeatureLine[]>;
  components(session: Session): Promise<ComponentsReport>;
}

export interface Desk {
  readonly commands: Commands;
  /** Throws an ErrorReply unless whoever is at the other end may do what `action` names. */
  readonly demand: (action: Action, interactive: boolean) => Promise<void>;
  /** One call of the agent on this machine. */
  readonly inSession: <T>(request: SessionRequest, work: (session: Session) => Promise<T>) => Promise<T>;
}

export interface SessionRequest {
  readonly settings?: Partial<Settings>;
  readonly signal: AbortSignal;
  readonly progress?: Progress;
}
