// Made-up answers of the agent, for tests of commands and of text.
import type { FindingLine, MenuLine, StatusReport, UpdateReport, VersionLine } from "../wire/reports.ts";
import { sampleNowMs } from "./sample-world.ts";

const hour = 3_600_000;

export function sampleVersion(version: string, changes: Partial<VersionLine> = {}): VersionLine {
  return {
    version,
    installed: true,
    complete: true,
    available: true,
    newest: false,
    running: false,
    wayBack: false,
    bootsNext: false,
    pinned: false,
    protected: false,
    obsolete: false,
    republished: false,
    quarantine: undefined,
    trust: "proven",
    verifiedAtMs: sampleNowMs - 3 * hour,
    installedAtMs: sampleNowMs - 3 * hour,
    lacks: [],
    sourceLacks: [],
    sizeBytes: 851_443_712,
    ...changes,
  };
}

export function sampleEntry(position: number, version: string, changes: Partial<MenuLine> = {}): MenuLine {
  const fileName = changes.fileName ?? `os_${version}.efi`;
  return {
    position,
    id: `os_${version}.efi`,
    fileName,
    path: `/efi/EFI/Linux/${fileName}`,
    title: `Sample OS ${version}`,
    version,
    triesLeft: undefined,
    triesDone: undefined,
    ours: true,
    bootsNext: false,
    wayBack: false,
    running: false,
    verdict: "sound",
    problems: [],
    ...changes,
  };
}

export const sampleMenu: readonly MenuLine[] = [
  sampleEntry(1, "24.3", { fileName: "os_24.3+3-0.efi", triesLeft: 3, triesDone: 0, bootsNext: true }),
  sampleEntry(2, "24.2", { running: true, wayBack: true }),
  sampleEntry(3, "24.1", { verdict: "incomplete", problems: ["os_24.1.erofs is missing"] }),
  sampleEntry(4, "39", {
    fileName: "other.conf",
    version: undefined,
    title: "Other OS",
    ours: false,
    verdict: "foreign",
  }),
];

export const sampleFinding: FindingLine = {
  code: "image-missing",
  severity: "error",
  subject: "os_24.1.efi",
  sentence: "The boot entry os_24.1.efi needs /system/os_24.1.erofs, which is not there.",
  remedy: "`holdfast doctor --repair` fetches it or removes the entry.",
  repairable: true,
};

export const sampleStatus: StatusReport = {
  running: "24.2",
  runningBecause: "IMAGE_VERSION in os-release",
  onTrial: false,
  versions: [
    sampleVersion("24.3", { newest: true, bootsNext: true }),
    sampleVersion("24.2", { running: true, wayBack: true, trust: "adopted", verifiedAtMs: sampleNowMs - 50 * hour }),
    sampleVersion("24.1", { available: false, complete: false, lacks: ["os_24.1.erofs is missing"], trust: undefined }),
  ],
  menu: sampleMenu,
  bootsNext: "os_24.3.efi",
  bootsNextBecause: "first in the menu",
  bootsThen: ["os_24.2.efi"],
  wayBack: "24.2",
  lastCheck: { atMs: sampleNowMs - 3 * hour, signedAtMs: sampleNowMs - 26 * hour, newest: "24.3" },
  held: undefined,
  lock: undefined,
  idleBecause: "Version 24.3 is installed and waits for a reboot.",
  espPath: "/efi",
  espIsFat: true,
  fileSystems: [
    {
      mountPoint: "/efi",
      type: "vfat",
      totalBytes: 536_870_912,
      availableBytes: 201_326_592,
      readOnly: false,
    },
  ],
  findings: [sampleFinding],
  nowMs: sampleNowMs,
};

export const sampleUpdate: UpdateReport = {
  outcome: "done",
  from: "24.2",
  to: "24.3",
  because: "",
  wayBack: "24.2",
  steps: [
    { kind: "prove", title: "Prove version 24.2, the way back", bytes: 838_860_800 },
    { kind: "acquire", title: "Acquire os_24.3.erofs", bytes: 786_432_000 },
    { kind: "install", title: "Install os_24.3+3-0.efi", bytes: undefined },
  ],
  space: [
    { mountPoint: "/efi", availableBytes: 201_326_592, peakBytes: 65_011_712, netBytes: 0 },
    { mountPoint: "/system", availableBytes: 9_663_676_416, peakBytes: 786_432_000, netBytes: -1_048_576 },
  ],
  downloadBytes: 851_443_712,
  transferredBytes: 851_443_712,
  notices: [],
  findings: [],
  menu: sampleMenu.slice(0, 2),
  bootsNext: "os_24.3.efi",
};
