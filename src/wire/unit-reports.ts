// What `enable`, `disable` and `reboot` answer. Fields are added, never renamed or removed.

export interface EnableReport {
  readonly turnedOn: readonly string[];
  /** On already. */
  readonly wereOn: readonly string[];
  /** Of systemd-sysupdate: off from now on, until `holdfast disable`. */
  readonly takenOver: readonly string[];
  /** Whether the machine reboots by itself, in its maintenance window. */
  readonly reboots: boolean;
}

export interface DisableReport {
  readonly turnedOff: readonly string[];
  /** Of systemd-sysupdate: on again. */
  readonly givenBack: readonly string[];
  /** Still on: they judge boots. */
  readonly stayOn: readonly string[];
}

export interface RebootReport {
  /** `not-due`: what boots next runs already. `not-now`: somebody or something is in the way. */
  readonly outcome: "rebooting" | "not-due" | "not-now";
  readonly running: string | undefined;
  readonly bootsNext: string | undefined;
  readonly because: string;
}
