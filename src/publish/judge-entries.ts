// Whether each boot entry of a release starts this release: its version, its machine, and what its command line names.
import type { Fault } from "../base/fault.ts";
import { commandLineWords } from "../domain/verity.ts";
import { isVersion } from "../base/ids.ts";
import { roleOf } from "../domain/role.ts";
import { partitionTypeName } from "../format/partition-types.ts";
import { matchPatterns } from "../format/pattern.ts";
import { type ReleaseFaultCode, refusal } from "./refusal.ts";
import type { EntryFacts, PayloadFacts, ReleaseRequest } from "./release-facts.ts";
import { installedName, payloadRole, stemOf } from "./release-names.ts";

export function* judgeEntries(request: ReleaseRequest): Generator<Fault<ReleaseFaultCode>> {
  const { version, files, transfers } = request;
  const entries = files.flatMap(({ name, entry }) => (entry?.shown === true ? [{ name, ...entry }] : []));
  for (const entry of entries) {
    if (entry.version !== undefined && entry.version !== version)
      yield refusal(
        "entry-other-version",
        `Cannot add ${entry.name} as a part of ${version}: it says that it starts ${entry.version}`,
        "Build the entry again from this release: IMAGE_VERSION in its os-release has to be the version.",
      );
    yield* judgeArchitecture(entry, machinesOf(request));
    yield* judgeNamed(entry, request);
    yield* judgeHash(entry, files);
  }
  // Addons are shown by no loader; that one was meant to be an entry is told by where it goes.
  for (const file of files)
    if (file.entry?.shown === false && transfers !== undefined && payloadRole(file, transfers) === "entry")
      yield refusal(
        "entry-lacks-image",
        `Cannot add ${file.name}: it has no os-release, so no boot loader shows it`,
        "Build it as a unified kernel image, with ukify for example.",
      );
}

type NamedEntry = EntryFacts & { readonly name: string };

function* judgeArchitecture(
  { name, architecture }: NamedEntry,
  others: readonly Machine[],
): Generator<Fault<ReleaseFaultCode>> {
  const other = others.find((one) => architecture !== undefined && one.architecture !== architecture);
  if (other === undefined) return;
  yield refusal(
    "entry-other-architecture",
    `Cannot add ${name}: it is for ${architecture}, and ${other.what} for ${other.architecture}`,
    "Publish each architecture in a repository of its own.",
  );
}

interface Machine {
  /** The file, or the definition. */
  readonly what: string;
  readonly architecture: string;
}

/** The machines that the rest of the release is for: what is in its images, its other entries, the slots of its machines. */
function machinesOf({ files, transfers }: ReleaseRequest): readonly Machine[] {
  const said = files.flatMap(({ name, system, entry }) => {
    const architecture = system?.architecture ?? entry?.architecture;
    return architecture === undefined ? [] : [{ what: `${name} is`, architecture }];
  });
  const slots = (transfers ?? []).flatMap(({ file, target }) => {
    const type = target.partitionType === undefined ? undefined : partitionTypeName(target.partitionType);
    const architecture = /^(?:root|usr)-(.+?)(?:-verity(?:-sig)?)?$/.exec(type ?? "")?.[1];
    return architecture === undefined ? [] : [{ what: `the slots of ${file} are`, architecture }];
  });
  return [...said, ...slots];
}

/** An image or a slot that the command line names is one of this release. */
function* judgeNamed(entry: NamedEntry, request: ReleaseRequest): Generator<Fault<ReleaseFaultCode>> {
  for (const word of commandLineWords(entry.commandLine)) {
    const [, label] = /\b(?:PART)?LABEL=(.+)$/.exec(word) ?? [];
    const named = label ?? installedName(word.slice(word.lastIndexOf("=") + 1));
    const other = otherVersionOf(named, label !== undefined, request);
    if (other !== undefined)
      yield refusal(
        "entry-other-image",
        `Cannot add ${entry.name}: its command line names ${named}, which is of version ${other}`,
        `Build the entry again for ${request.version}: with that one it would start another version, or none.`,
      );
  }
}

/** The version that `name` is an image of, where that is another one than the release's. */
function otherVersionOf(
  name: string,
  isLabel: boolean,
  { version, files, transfers }: ReleaseRequest,
): string | undefined {
  for (const { target } of transfers ?? []) {
    if (roleOf(target) !== "image" || isLabel !== (target.type === "partition")) continue;
    const found = matchPatterns(target.patterns, name)?.fields.version;
    if (found !== undefined) return found === version ? undefined : found;
  }
  for (const file of files) {
    const stem = payloadRole(file, transfers) === "image" ? stemOf(file.name, version) : undefined;
    if (stem === undefined || stem[0] === "") continue;
    // Slots are labelled without the ending of the file's name: os_5, and os_5_verity beside it.
    const [head, tail] = isLabel ? [stem[0], ""] : stem;
    const text = isLabel ? name.replace(/_verity(?:_sig)?$/, "") : name;
    if (text.length <= head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) continue;
    const found = text.slice(head.length, text.length - tail.length);
    if (isVersion(found)) return found === version ? undefined : found;
  }
  return undefined;
}

/** The verity hash in the command line is that of the release's hash file, and that one is as large as the image says. */
function* judgeHash(entry: NamedEntry, files: readonly PayloadFacts[]): Generator<Fault<ReleaseFaultCode>> {
  const hashes = commandLineWords(entry.commandLine).flatMap(
    (word) => /^(?:root|usr)hash=([0-9a-fA-F]+)$/.exec(word)?.[1] ?? [],
  );
  const verity = files.flatMap((file) => (file.verity === undefined ? [] : [{ name: file.name, ...file.verity }]));
  for (const hash of hashes) {
    if (verity.length > 0 && !verity.some(({ rootHash }) => rootHash === hash.toLowerCase()))
      yield refusal(
        "entry-other-hash",
        `Cannot add ${entry.name}: its command line demands the verity hash ${hash.slice(0, 16)}…, and ${verity.map(({ name, rootHash }) => `${name} has ${rootHash.slice(0, 16)}…`).join(", ")}`,
        "Build image, hashes and entry in one go: with these, the boot ends in a panic.",
      );
  }
  for (const { name, dataBytes } of verity) {
    const erofs = files.flatMap((file) => file.erofs ?? []);
    if (erofs.length > 0 && !erofs.some(({ sizeBytes }) => sizeBytes === dataBytes))
      yield refusal(
        "verity-other-size",
        `Cannot add ${name}: it has hashes for ${dataBytes} bytes, and no image of the release has as many`,
        "Build image and hashes in one go.",
      );
  }
}
