// Whether a release may be published: what would not boot, and what could not be updated from, is refused here and not found
// out by machines (P1, P5). Pure; each refusal has a code of its own and says what to do.
import type { Fault } from "../base/fault.ts";
import type { Version } from "../base/ids.ts";
import { toBytes } from "../base/text.ts";
import { compareVersions } from "../domain/version-order.ts";
import { isPlainPath } from "../format/json-fields.ts";
import type { ReleaseIndex } from "../format/release-files.ts";
import { judgeEntries } from "./judge-entries.ts";
import { indexName, signatureName, sumsName } from "./publisher.ts";
import { type ReleaseFaultCode, refusal } from "./refusal.ts";
import type { PayloadContent, ReleaseRequest } from "./release-facts.ts";
import { payloadRole, stemOf, takenBy } from "./release-names.ts";

/** All that is wrong with it; none: it may be published. */
export function judgeRelease(request: ReleaseRequest): readonly Fault<ReleaseFaultCode>[] {
  return [...judgeVersion(request), ...judgeNames(request), ...judgeFiles(request), ...judgeEntries(request)];
}

/** Of UTF-8. The name of a delta is made of two of these, and file systems take 255. */
const nameBytesMax = 120;
const ownNames: readonly string[] = [indexName, sumsName, signatureName];

function* judgeVersion({ version, published, staged }: ReleaseRequest): Generator<Fault<ReleaseFaultCode>> {
  // It becomes the name of a folder.
  if (version.startsWith("."))
    yield refusal(
      "version-no-name",
      `Cannot add ${version}: a version that begins with a dot is hidden from clients`,
      "Give another version, such as 0.5 instead of .5.",
    );
  const all = [...published.releases.map((release) => release.version), ...staged.filter((one) => one !== version)];
  const newest = all.toSorted(compareVersions).at(-1);
  if (newest !== undefined && compareVersions(version, newest) <= 0)
    yield refusal(
      "version-not-newer",
      `Cannot add ${version}: ${notNewer(version, newest, published)}`,
      "A version is published once, and machines only go up: build the release again under a higher version.",
    );
}

function notNewer(version: Version, newest: Version, { releases }: ReleaseIndex): string {
  const state = releases.find((release) => release.version === newest)?.state;
  const how =
    state === "withdrawn" ? "was published and withdrawn" : state === undefined ? "is staged" : "is published";
  return version === newest ? `${newest} ${how} already` : `${newest} ${how}, and ${version} is not newer`;
}

function* judgeNames({ version, files, transfers }: ReleaseRequest): Generator<Fault<ReleaseFaultCode>> {
  for (const [index, { name }] of files.entries()) {
    if (files.findIndex((other) => other.name === name) < index)
      yield refusal(
        "name-taken-twice",
        `Cannot add ${version}: two of its files are called ${name}`,
        "Give each a name.",
      );
    if (name.startsWith(".") || !isPlainPath(name) || ownNames.includes(name))
      yield refusal(
        "name-not-plain",
        `Cannot add ${JSON.stringify(name)}: ${ownNames.includes(name) ? "the repository has a file of that name itself" : "no client could fetch a file of that name"}`,
        "Leave it away, or give it a name without a dot in front, percent signs, backslashes and control characters.",
      );
    else if (toBytes(name).length > nameBytesMax)
      yield refusal(
        "name-too-long",
        `Cannot add ${name}: its name has ${toBytes(name).length} bytes, and ${nameBytesMax} is the most`,
        "Give it a shorter name: a delta is named after the file before and the file after.",
      );
    if (transfers === undefined) {
      if (stemOf(name, version) === undefined)
        yield refusal(
          "name-without-version",
          `Cannot add ${name} as a part of ${version}: the version is not in its name`,
          `Machines tell versions by names: call it as in os_${version}.erofs, or give what they have with --definitions.`,
        );
    } else yield* judgeTaken(version, name, transfers);
    const like = files.find((other) => other.name !== name && name.startsWith(other.name));
    if (like !== undefined)
      yield refusal(
        "name-begins-like",
        `Cannot add ${name}: its name begins like ${like.name}, and systemd-sysupdate before 260.2 takes one for the other`,
        "Give it another name, or leave it away: chunks and indexes are made by Holdfast, and are not listed.",
      );
  }
  yield* judgeComplete({ version, files, transfers });
}

function* judgeTaken(
  version: Version,
  name: string,
  transfers: NonNullable<ReleaseRequest["transfers"]>,
): Generator<Fault<ReleaseFaultCode>> {
  const taken = takenBy(transfers, name);
  if (taken.length > 1)
    yield refusal(
      "name-taken-twice",
      `Cannot add ${name}: ${taken.map(({ transfer }) => transfer.file).join(" and ")} both take it`,
      "Change MatchPattern= of one of them: a file that two transfers take is installed twice, and removed once.",
    );
  const other = taken.find((one) => one.version !== version);
  if (other !== undefined)
    yield refusal(
      "name-of-other-version",
      `Cannot add ${name} as a part of ${version}: ${other.transfer.file} takes it for version ${other.version}`,
      "Name the files after the version given with --version.",
    );
}

function* judgeComplete({
  version,
  files,
  transfers,
}: Pick<ReleaseRequest, "version" | "files" | "transfers">): Generator<Fault<ReleaseFaultCode>> {
  if (transfers !== undefined) {
    for (const transfer of transfers) {
      const names = files.filter(({ name }) => takenBy([transfer], name).length > 0).map(({ name }) => name);
      if (names.length === 1) continue;
      if (names.length > 1)
        yield refusal(
          "name-taken-twice",
          `Cannot add ${version}: ${transfer.file} takes ${names.join(" and ")}, and machines install one of them`,
          "Leave one of them away.",
        );
      else
        yield refusal(
          "resource-missing",
          `Cannot add ${version}: it has no file for ${transfer.file} (${transfer.source.patterns.map(({ text }) => text).join(" ")})`,
          "Add the file, or take the definition away from machines first: they pass over a version that lacks a resource.",
        );
    }
    return;
  }
  const roles = new Set(files.map((file) => payloadRole(file, undefined)));
  for (const [role, what] of [
    ["image", "image"],
    ["entry", "boot entry"],
  ] as const)
    if (!roles.has(role))
      yield refusal(
        "resource-missing",
        `Cannot add ${version}: none of its files is ${role === "image" ? "an" : "a"} ${what}`,
        "Add it; for a component that consists of other files, give the definitions that machines have with --definitions.",
      );
}

function* judgeFiles({ version, files, withoutInitrdParts }: ReleaseRequest): Generator<Fault<ReleaseFaultCode>> {
  for (const { name, damage, initrd, system } of files) {
    if (damage !== undefined)
      yield refusal(
        "file-damaged",
        `Cannot add ${name}: ${damage.why}`,
        "Build or copy it again, and look at its size.",
      );
    if (initrd?.kind === "lacks-parts" && !withoutInitrdParts)
      yield refusal(
        "initrd-without-parts",
        `Cannot add ${name}: its initrd lacks ${initrd.what}, so a boot that fails may wait for a key for ever`,
        "Build the initrd with the parts in os/initrd, or say --without-initrd-parts.",
      );
    if (system?.version !== undefined && system.version !== version)
      yield refusal(
        "image-other-version",
        `Cannot add ${name} as a part of ${version}: the system in it says that it is ${system.version}`,
        "Build the image again: IMAGE_VERSION in its os-release is what a machine believes to run.",
      );
  }
}

/** A name that is published already must have the same bytes: machines and caches that have it would not look again. */
export function judgePublished(
  version: Version,
  files: readonly PayloadContent[],
  published: ReleaseIndex,
): Fault<ReleaseFaultCode> | undefined {
  for (const { name, sha256 } of files) {
    const before = published.releases.find(
      (release) =>
        release.version !== version && release.files.some((file) => file.name === name && file.sha256 !== sha256),
    );
    if (before !== undefined)
      return refusal(
        "published-otherwise",
        `Cannot add ${name}: ${before.version} has published a file of that name with other bytes`,
        "Give it another name: what is published never changes.",
      );
  }
  return undefined;
}
