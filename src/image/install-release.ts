// Which files of a repository make the release that `image install` puts on a disk. What is not listed is not there (P9).
import { Fault } from "../base/fault.ts";
import { isVersion, type Sha256, type Version } from "../base/ids.ts";
import { compareVersions } from "../domain/version-order.ts";

/** `kde`: images of /usr as files of the system partition. `ab`: each in a pair of partitions, under dm-verity. */
export type InstallLayout = "kde" | "ab";
export const installLayouts: readonly InstallLayout[] = ["kde", "ab"];

export type InstallRole = "usr" | "verity" | "entry";

export interface InstallFile {
  readonly role: InstallRole;
  /** As it is published: `os_2.erofs`. */
  readonly name: string;
  readonly sha256: Sha256;
}

export interface InstallRelease {
  /** What its files begin with: `os` in `os_2.erofs`. */
  readonly name: string;
  readonly version: Version;
  readonly layout: InstallLayout;
  readonly files: readonly InstallFile[];
}

/** What a person asked for; what is absent is found out. */
export interface InstallWish {
  readonly name?: string;
  readonly version?: string;
  readonly layout?: InstallLayout;
}

export type InstallReleaseFaultCode =
  | "no-release"
  | "no-such-version"
  | "no-uki"
  | "release-incomplete"
  | "several-systems";

/** Longer endings first: `os_2.usr.erofs` is not version `2.usr` of the other layout. */
const endings: readonly (readonly [ending: string, layout: InstallLayout, role: InstallRole])[] = [
  [".usr.erofs", "ab", "usr"],
  [".usr.verity", "ab", "verity"],
  [".ab.efi", "ab", "entry"],
  [".erofs", "kde", "usr"],
  [".efi", "kde", "entry"],
];

const rolesOf: Readonly<Record<InstallLayout, readonly InstallRole[]>> = {
  kde: ["usr", "entry"],
  ab: ["usr", "verity", "entry"],
};

/** The name a file of a release has: `os_2.usr.verity`. */
export function installFileName(name: string, version: string, layout: InstallLayout, role: InstallRole): string {
  const ending = endings.find(([, forLayout, forRole]) => forLayout === layout && forRole === role)?.[0] ?? "";
  return `${name}_${version}${ending}`;
}

interface Listed extends InstallFile {
  readonly system: string;
  readonly version: Version;
  readonly layout: InstallLayout;
}

function readName(file: string, sha256: Sha256): Listed | undefined {
  const found = endings.find(([ending]) => file.endsWith(ending));
  if (found === undefined) return undefined;
  const [ending, layout, role] = found;
  const [, system, version = ""] = /^([0-9A-Za-z.~^+-]{1,100})_(.+)$/.exec(file.slice(0, -ending.length)) ?? [];
  if (system === undefined || !isVersion(version)) return undefined;
  return { system, version, layout, role, name: file, sha256 };
}

const refuse = (code: InstallReleaseFaultCode, message: string, hint: string): Fault<InstallReleaseFaultCode> =>
  new Fault(code, message, { hint });

/**
 * Picks the newest release that is complete, or the one that was asked for. `entries` are those of the manifest,
 * `place` is what messages call the repository.
 */
export function chooseInstallRelease(
  entries: ReadonlyMap<string, Sha256>,
  wish: InstallWish,
  place: string,
): InstallRelease {
  const listed = [...entries].flatMap(([file, sha256]) => readName(file, sha256) ?? []);
  const named = listed.filter(({ system }) => wish.name === undefined || system === wish.name);
  const systems = [...new Set(named.map(({ system }) => system))].toSorted();
  const [name, another] = systems;
  if (name === undefined) {
    const what = wish.name === undefined ? "no release" : `no release of ${wish.name}`;
    throw refuse(
      "no-release",
      `Cannot install from ${place}: its SHA256SUMS lists ${what}`,
      "A release consists of NAME_VERSION.erofs and NAME_VERSION.efi, or of NAME_VERSION.usr.erofs, NAME_VERSION.usr.verity and NAME_VERSION.ab.efi.",
    );
  }
  if (another !== undefined)
    throw refuse(
      "several-systems",
      `Cannot choose a release of ${place}: it has more than one system (${systems.join(", ")})`,
      "Say which one with --name.",
    );
  return newest(named, name, wish, place);
}

function newest(listed: readonly Listed[], name: string, wish: InstallWish, place: string): InstallRelease {
  const there = [...new Set(listed.map(({ version }) => version))].toSorted((a, b) => compareVersions(b, a));
  const versions = there.filter((version) => wish.version === undefined || version === wish.version);
  const layouts = wish.layout === undefined ? installLayouts : [wish.layout];
  if (versions.length === 0)
    throw refuse(
      "no-such-version",
      `Cannot install ${name} ${wish.version}: ${place} does not list it`,
      `There are: ${there.slice(0, 10).join(", ")}.`,
    );
  for (const version of versions) {
    for (const layout of layouts) {
      const files = rolesOf[layout].flatMap(
        (role) => listed.find((file) => file.version === version && file.layout === layout && file.role === role) ?? [],
      );
      if (files.length < rolesOf[layout].length) continue;
      return {
        name,
        version,
        layout,
        files: files.map(({ role, name: file, sha256 }) => ({ role, name: file, sha256 })),
      };
    }
  }
  throw incomplete(listed, name, versions[0] ?? "", layouts, place);
}

/** Says which file the release that comes nearest lacks. */
function incomplete(
  listed: readonly Listed[],
  name: string,
  version: string,
  layouts: readonly InstallLayout[],
  place: string,
): Fault<InstallReleaseFaultCode> {
  const lacking = layouts
    .map((layout) => ({
      layout,
      roles: rolesOf[layout].filter(
        (role) => !listed.some((file) => file.version === version && file.layout === layout && file.role === role),
      ),
    }))
    .toSorted((a, b) => a.roles.length - b.roles.length)[0];
  const [role = "entry"] = lacking?.roles ?? [];
  const file = installFileName(name, version, lacking?.layout ?? "kde", role);
  const what = { entry: "UKI", usr: "image", verity: "verity hashes" }[role];
  return refuse(
    role === "entry" ? "no-uki" : "release-incomplete",
    `Cannot install ${name} ${version}: the release has no ${what} (${file} is not in the SHA256SUMS of ${place})`,
    "Publish the release whole, or name another version with --version.",
  );
}
