// Which promise a refusal keeps (docs/promises.md), for programs that read the journal.

const promises: Readonly<Record<string, string>> = {
  "not-whole": "P1",
  "removal-refused": "P2",
  "way-back-would-be-lost": "P3",
  "no-way-back": "P3",
  "no-free-slot": "P3",
  pinned: "P3",
  "way-back-unproven": "P4",
  "on-trial": "P4",
  "audit-failed": "P5",
  "not-next": "P5",
  "other-loader": "P5",
  "in-container": "P5",
  "live-system": "P5",
  "no-uefi": "P5",
  "not-intact": "P5",
  quarantined: "P8",
  "bad-signature": "P9",
  "manifest-older": "P9",
  "manifest-stale": "P9",
  "below-floor": "P9",
  republished: "P9",
  withdrawn: "P9",
  "tree-cannot-be-verified": "P9",
  "esp-in-doubt": "P11",
  "entry-name-taken": "P11",
  "read-only": "P11",
  "firmware-refuses": "P12",
  "secure-boot-unreadable": "P12",
};

/** `code` of a Fault; `undefined` where a rule of the machine refused, and no promise. */
export function refusedFor(code: string): string | undefined {
  return Object.hasOwn(promises, code) ? promises[code] : undefined;
}
