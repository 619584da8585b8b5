// The closed list of what doctor and audit can find: name, severity, sentence, remedy. A name never changes its meaning.

export type Severity = "error" | "warning" | "info";

export type FindingCode =
  | "entry-without-image"
  | "image-damaged"
  | "entry-damaged"
  | "entry-ignored-by-loader"
  | "not-repaired"
  | "initrd-without-parts"
  | "refused-by-firmware"
  | "secure-boot-unreadable"
  | "not-a-pe-file"
  | "counters-exhausted"
  | "all-entries-bad"
  | "default-pins-bad-entry"
  | "override-in-force"
  | "not-next"
  | "other-loader"
  | "in-container"
  | "live-system"
  | "no-uefi"
  | "two-names-of-one-entry"
  | "way-back-missing"
  | "way-back-counted"
  | "version-without-entry"
  | "esp-dirty"
  | "esp-read-only"
  | "esp-almost-full"
  | "system-almost-full"
  | "left-over"
  | "recovered-file"
  | "republished"
  | "withdrawn"
  | "unproven"
  | "unvouched"
  | "adopted"
  | "boot-found-bad"
  | "fell-back"
  | "unproven-version"
  | "foreign-entry"
  | "unknown-running-version";

interface Kind {
  readonly severity: Severity;
  /** Whether `doctor --repair` can mend it. */
  readonly repairable: boolean;
  /** `detail` is a clause that says more; it may be empty. */
  readonly sentence: (subject: string, detail: string) => string;
  readonly remedy: (subject: string) => string;
}

const repair = (): string => "Run: holdfast doctor --repair";
const nothing = (): string => "";
/** Appends a detail to a sentence. */
const because = (sentence: string, detail: string): string => (detail === "" ? sentence : `${sentence}: ${detail}`);

const kinds: Readonly<Record<FindingCode, Kind>> = {
  "entry-without-image": {
    severity: "error",
    repairable: true,
    sentence: (entry, what) => because(`The boot entry ${entry} needs something that is not there`, what),
    remedy: repair,
  },
  "image-damaged": {
    severity: "error",
    repairable: true,
    sentence: (place, digest) => because(`${place} is not what was installed there`, digest),
    remedy: repair,
  },
  "entry-damaged": {
    severity: "error",
    repairable: true,
    sentence: (entry, why) => because(`The boot entry ${entry} is damaged and will not start`, why),
    remedy: repair,
  },
  "entry-ignored-by-loader": {
    severity: "error",
    repairable: true,
    sentence: (entry, why) => because(`The boot loader passes over the entry ${entry}`, why),
    remedy: repair,
  },
  "not-repaired": {
    severity: "error",
    repairable: false,
    sentence: (version, why) => because(`Version ${version} is damaged and was not repaired`, why),
    remedy: () => "Once that is settled, run: holdfast doctor --repair (or holdfast update, for a newer version)",
  },
  "initrd-without-parts": {
    severity: "warning",
    repairable: false,
    sentence: (entry, what) =>
      because(
        `If a boot of ${entry} fails, it may wait for a key instead of falling back`,
        `Holdfast's parts are not in its initrd (no /${what})`,
      ),
    remedy: () =>
      "Ask its publisher to build the initrd with Holdfast's parts (os/initrd), or build it with holdfast image build.",
  },
  "refused-by-firmware": {
    severity: "error",
    repairable: false,
    sentence: (entry, why) => because(`Secure Boot is on, and the firmware would not start ${entry}`, why),
    remedy: () => "Update to a version that is signed with a key in db; holdfast update takes no other.",
  },
  "secure-boot-unreadable": {
    severity: "warning",
    repairable: false,
    sentence: (_, why) => because("Secure Boot is on, and it cannot be told what the firmware would start", why),
    remedy: () => "Look at db and dbx with mokutil; until they can be read no update is installed.",
  },
  "not-a-pe-file": {
    severity: "warning",
    repairable: false,
    sentence: (entry) => `The boot entry ${entry} is no EFI program; it is judged by its digest alone`,
    remedy: () => "If this is meant to boot, publish it as a unified kernel image.",
  },
  "counters-exhausted": {
    severity: "warning",
    repairable: false,
    sentence: (entry) => `The boot entry ${entry} has no tries left: it was started and never judged good`,
    remedy: () =>
      "Find out why it did not come up (holdfast history), then update, or choose it once by hand in the boot menu.",
  },
  "all-entries-bad": {
    severity: "error",
    repairable: true,
    sentence: (entry) => `No boot entry has tries left, so ${entry} is started again and again whether it works or not`,
    remedy: repair,
  },
  "default-pins-bad-entry": {
    severity: "error",
    repairable: false,
    sentence: (entry, by) =>
      because(`The default is ${entry}, which is no good: the boot loader starts it all the same`, by),
    remedy: () => 'Run: bootctl set-default "" (or remove the line `default` from loader.conf)',
  },
  "override-in-force": {
    severity: "warning",
    repairable: false,
    sentence: (entry, by) => because(`${entry} boots next because it was chosen, not because it is first`, by),
    remedy: () =>
      'Run: bootctl set-default "" and bootctl set-oneshot "" (or look at loader.conf), unless this is meant.',
  },
  "other-loader": {
    severity: "error",
    repairable: false,
    sentence: (loader) => `What boots next cannot be told: this machine was started by ${loader}, not by systemd-boot`,
    remedy: () =>
      "Boot through systemd-boot (bootctl install). To choose versions in the menu of that loader yourself: holdfast update VERSION",
  },
  "in-container": {
    severity: "error",
    repairable: false,
    sentence: (kind) => `This is a container (${kind}), and its host starts no boot entry of it`,
    remedy: () => "Run Holdfast on the host, or name the tree of a machine with --root=DIR.",
  },
  "live-system": {
    severity: "error",
    repairable: false,
    sentence: () => "This is a live system, and what is written to it is gone with the next boot",
    remedy: () =>
      "Mount the system on the disk and name it: holdfast update --root=/mnt. For an empty disk: holdfast image install",
  },
  "no-uefi": {
    severity: "error",
    repairable: false,
    sentence: () => "This machine was started without UEFI, and systemd-boot needs it",
    remedy: () =>
      "Switch its firmware from legacy BIOS (CSM) to UEFI, and boot through systemd-boot (bootctl install).",
  },
  "not-next": {
    severity: "warning",
    repairable: false,
    sentence: (version, next) =>
      because(`Version ${version} is the newest that can boot, but it is not what boots next`, next),
    remedy: (version) => `Run: holdfast rollback ${version}`,
  },
  "two-names-of-one-entry": {
    severity: "error",
    repairable: true,
    sentence: (id, names) => because(`The boot entry ${id} has two names, which may share one file on FAT`, names),
    remedy: () => "Run: holdfast doctor --repair (it checks the file system first; delete neither of them by hand)",
  },
  unvouched: {
    severity: "warning",
    repairable: true,
    sentence: (version) => `It cannot be told whether version ${version} is intact: it was here before Holdfast`,
    remedy: () => "Run: holdfast doctor --repair, which asks the repository what its bytes should be",
  },
  "way-back-missing": {
    severity: "warning",
    repairable: false,
    sentence: (next) => `There is no other version to fall back to if ${next} does not start`,
    remedy: () =>
      "The next update keeps this version to fall back to. An older one comes with: holdfast update VERSION (holdfast list shows them)",
  },
  "way-back-counted": {
    severity: "warning",
    repairable: false,
    sentence: (entry) => `The way back ${entry} carries a boot counter and may itself be given up`,
    remedy: () => "It is settled by the next successful boot of it, or by the next update.",
  },
  "version-without-entry": {
    severity: "info",
    repairable: false,
    sentence: (version) => `Version ${version} is installed in part and has no boot entry`,
    remedy: () => "Run: holdfast update, which completes it or replaces it",
  },
  "esp-dirty": {
    severity: "error",
    repairable: true,
    sentence: (mountPoint, findings) =>
      because(`The file system at ${mountPoint} was not cleanly unmounted or is damaged`, findings),
    remedy: () => "Run: holdfast doctor --repair (nothing is written there before fsck.fat has run)",
  },
  "esp-read-only": {
    severity: "error",
    repairable: false,
    sentence: (mountPoint) => `${mountPoint} is mounted read-only: no update can be installed, and no boot be judged`,
    remedy: (mountPoint) => `Look for errors with dmesg, then run: mount -o remount,rw ${mountPoint}`,
  },
  "esp-almost-full": {
    severity: "warning",
    repairable: false,
    sentence: (mountPoint, room) => because(`${mountPoint} has no room for another boot entry`, room),
    remedy: () => "Run: holdfast vacuum, or remove what else lies there",
  },
  "system-almost-full": {
    severity: "warning",
    repairable: false,
    sentence: (mountPoint, room) => because(`${mountPoint} has no room for another version`, room),
    remedy: () => "Run: holdfast vacuum, or free space there",
  },
  "left-over": {
    severity: "info",
    repairable: true,
    sentence: (place, by) => because(`${place} is left over from an unfinished update`, by),
    remedy: () => "Run: holdfast update to continue it, or holdfast vacuum to remove it",
  },
  "recovered-file": {
    severity: "info",
    repairable: false,
    sentence: (path) => `${path} was put together by a file system check from clusters that no name led to`,
    remedy: () => "Nobody knows whose it was, so Holdfast leaves it; look at it, and remove it if nobody misses it.",
  },
  republished: {
    severity: "warning",
    repairable: false,
    sentence: (version) =>
      `The repository now has other bytes under the name of version ${version} than are installed here`,
    remedy: () => "Ask its publisher; a version must never change once it is out.",
  },
  withdrawn: {
    severity: "warning",
    repairable: false,
    sentence: (version) => `Version ${version} was taken back by its publisher after it was installed here`,
    remedy: () => "Run: holdfast update, or choose another version with holdfast rollback.",
  },
  unproven: {
    severity: "warning",
    repairable: false,
    sentence: (version) => `Version ${version} was installed while verification was switched off`,
    remedy: () => "Remove Verify=no and update to a signed version.",
  },
  adopted: {
    severity: "info",
    repairable: false,
    sentence: (version) => `Version ${version} was here before Holdfast: its digests are known, but not who made it`,
    remedy: nothing,
  },
  "boot-found-bad": {
    severity: "warning",
    repairable: false,
    sentence: (version, checks) => because(`This boot of version ${version} was found bad`, checks),
    remedy: () => "Run: holdfast health, which runs the checks once more",
  },
  "fell-back": {
    severity: "warning",
    repairable: false,
    sentence: (version, why) => because(`Version ${version} was given up and is in quarantine`, why),
    remedy: (version) =>
      `It is not offered again until a newer one comes. To have it tried again: holdfast quarantine lift ${version}`,
  },
  "unproven-version": {
    severity: "info",
    repairable: false,
    sentence: (version, why) => because(`Version ${version} was given up without evidence against it`, why),
    remedy: () => "Run: holdfast update, which tries it once more",
  },
  "foreign-entry": {
    severity: "info",
    repairable: false,
    sentence: (entry) => `The boot entry ${entry} belongs to another system and is left alone`,
    remedy: nothing,
  },
  "unknown-running-version": {
    severity: "warning",
    repairable: false,
    sentence: (_, why) => because("It is not known which version is running", why),
    remedy: () => "Set IMAGE_VERSION= in the os-release of the image.",
  },
};

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What it is about: a file name, a path, a version, a mount point. */
  readonly subject: string;
  readonly sentence: string;
  readonly remedy: string;
  readonly repairable: boolean;
}

/** Makes the finding `code` about `subject`; `detail` is a clause without a full stop. */
export function finding(code: FindingCode, subject: string, detail = ""): Finding {
  const { severity, repairable, sentence, remedy } = kinds[code];
  return { code, severity, subject, sentence: sentence(subject, detail), remedy: remedy(subject), repairable };
}
