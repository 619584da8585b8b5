// The agent as the commands see it: one function a deed. The implementation loads each file when it is first
// called, because `status` must not wait for the code of `update`.
import type { CleanupReport } from "../agent/command/cleanup.ts";
import type { DisableOptions, EnableOptions } from "../agent/command/enable.ts";
import type { RebootOptions } from "../agent/command/reboot.ts";
import type { Scruple } from "../domain/scruple.ts";
import type * as UnitReports from "../wire/unit-reports.ts";
import type { DoctorOptions } from "../agent/command/doctor.ts";
import type { InstallOptions } from "../agent/image-install/install-disk.ts";
import type { ComponentsReport, FeatureLine } from "../agent/command/features.ts";
import type { Session } from "../agent/session.ts";
import type { UpdateOptions } from "../agent/command/update.ts";
import type { CheckTimes } from "../agent/boot/check/run-checks.ts";
import type * as BootReports from "../wire/boot-reports.ts";
import type * as Reports from "../wire/reports.ts";

export interface ContentReport {
  readonly version: Reports.VersionLine;
  readonly contents: readonly Reports.ContentLine[];
  readonly changeLog: readonly string[];
}

export interface Agent {
  status(session: Session): Promise<Reports.StatusReport>;
  check(session: Session): Promise<Reports.CheckReport>;
  update(session: Session, options: UpdateOptions): Promise<Reports.UpdateReport>;
  /** Why this is no time for an update that nobody waits for; `undefined` where nothing is in the way. */
  notNow(session: Session, even: readonly Scruple[]): Promise<string | undefined>;
  enable(session: Session, options: EnableOptions): Promise<UnitReports.EnableReport>;
  disable(session: Session, options: DisableOptions): Promise<UnitReports.DisableReport>;
  reboot(session: Session, options: RebootOptions): Promise<UnitReports.RebootReport>;
  list(session: Session): Promise<Reports.ListReport>;
  content(session: Session, version: string): Promise<ContentReport>;
  rollback(session: Session, options: { readonly version?: string }): Promise<Reports.RollbackReport>;
  doctor(session: Session, options: DoctorOptions): Promise<Reports.DoctorReport>;
  vacuum(session: Session): Promise<Reports.VacuumReport>;
  pin(session: Session, version: string): Promise<void>;
  unpin(session: Session, version: string): Promise<void>;
  /** `untilMs` of `undefined` holds until it is released. */
  hold(session: Session, untilMs: number | undefined): Promise<void>;
  release(session: Session): Promise<void>;
  history(session: Session): Promise<readonly Reports.HistoryLine[]>;
  bugReport(session: Session): Promise<Record<string, unknown>>;
  lint(session: Session): Promise<Reports.LintReport>;
  features(session: Session): Promise<readonly FeatureLine[]>;
  components(session: Session): Promise<ComponentsReport>;
  health(session: Session, times: Partial<CheckTimes>): Promise<BootReports.HealthReport>;
  bootAssess(session: Session, times: Partial<CheckTimes>): Promise<BootReports.HealthReport>;
  bootConfirm(session: Session): Promise<BootReports.ConfirmReport>;
  bootGiveBack(session: Session): Promise<BootReports.GiveBackReport>;
  bootReject(session: Session): Promise<BootReports.BootRejectReport>;
  quarantine(session: Session): Promise<BootReports.QuarantineReport>;
  liftQuarantine(session: Session, version: string): Promise<BootReports.QuarantineLiftReport>;
  tryVersion(session: Session, version: string): Promise<BootReports.TryReport>;
  /** `version`: refused unless it is the one that runs for a try. */
  keepTried(session: Session, version: string | undefined): Promise<BootReports.TryReport>;
  /** Removes what no definition owns any more; `all`: of every component. */
  cleanup(session: Session, options: { readonly all: boolean }): Promise<CleanupReport>;
  /** Puts a release onto an empty disk, which is not the machine's own. */
  installDisk(session: Session, options: InstallOptions): Promise<Reports.InstallReport>;
}
