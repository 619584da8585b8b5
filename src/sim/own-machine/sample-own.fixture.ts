// Definitions of distributions as they are laid out, for tests of `holdfast simulate`.
import { simDigest } from "../digest/sim-digest.ts";
import type { DefinitionFile } from "./definition-files.ts";
import { nothingKnown } from "./shape.ts";
import { simulate, type SimulationRequest } from "./simulate.ts";
import type { Simulation } from "./report.ts";

export const folder = "/build/sysupdate.d";

type Keys = Readonly<Record<string, string>>;

const lines = (keys: Keys): string =>
  Object.entries(keys)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");

export function transfer(name: string, source: Keys, target: Keys, own: Keys = {}): DefinitionFile {
  const from = { Type: "url-file", Path: "https://updates.example/os", ...source };
  const text = `[Transfer]\n${lines(own)}[Source]\n${lines(from)}[Target]\n${lines(target)}`;
  return { path: `${folder}/${name}.transfer`, text };
}

const counted = { TriesLeft: "3", TriesDone: "0", Mode: "0444" };

/** A UKI whose boots are counted. */
export function uki(name: string, more: { readonly source?: Keys; readonly target?: Keys } = {}): DefinitionFile {
  const target = { Type: "regular-file", Path: "/EFI/Linux", PathRelativeTo: "boot", InstancesMax: "2" };
  return transfer(
    name,
    { MatchPattern: "os_@v.efi", ...more.source },
    { ...target, MatchPattern: "os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi", ...counted, ...more.target },
  );
}

export const image: DefinitionFile = transfer(
  "20-root",
  { MatchPattern: "os_@v.erofs" },
  { Type: "regular-file", Path: "/system", MatchPattern: "os_@v.erofs", InstancesMax: "2" },
  { ProtectVersion: "%A" },
);

/** Images in a folder, and UKIs. */
export const images: readonly DefinitionFile[] = [image, uki("30-uki")];

const slot = (name: string, type: string, suffix: string): DefinitionFile =>
  transfer(
    name,
    { MatchPattern: `os_@v_@u.${suffix}.xz` },
    { Type: "partition", Path: "auto", MatchPattern: `os_@v_${suffix}`, MatchPartitionType: type, ReadOnly: "1" },
  );

/** Two slots of a /usr with verity, everything compressed. */
export const slots: readonly DefinitionFile[] = [
  slot("10-verity", "usr-verity", "verity"),
  slot("20-usr", "usr", "usr"),
  uki("70-uki", { source: { MatchPattern: "os_@v.efi.xz" } }),
];

/** A component: a tree behind a link. */
export const trees: readonly DefinitionFile[] = [
  transfer(
    "10-app",
    { Type: "url-tar", MatchPattern: "app_@v.tar.gz" },
    { Type: "directory", Path: "/opt/app", MatchPattern: "app_@v", CurrentSymlink: "current", InstancesMax: "2" },
  ),
];

/** Options that end each scenario after a few states, deterministically. */
export function hurried(): Pick<SimulationRequest, "elapsedMs" | "seconds"> {
  let ms = 0;
  return { elapsedMs: () => ms++, seconds: 0.05 };
}

/** Few states a power cut, for tests; time does not pass. */
export function simulateFiles(
  files: readonly DefinitionFile[],
  more: Partial<SimulationRequest> = {},
): Promise<Simulation> {
  return simulate({
    files,
    place: { definitionsFolder: folder },
    features: new Map(),
    osRelease: undefined,
    known: async () => nothingKnown,
    versions: ["1", "2"],
    seed: 1,
    statesPerCut: 4,
    powerCutsInARow: 1,
    seconds: 60,
    initrd: undefined,
    digest: simDigest,
    elapsedMs: () => 0,
    progress: { report: () => undefined },
    signal: new AbortController().signal,
    ...more,
  });
}
