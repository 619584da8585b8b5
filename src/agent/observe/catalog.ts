// Observe: what the sources offer, version by version (P9). A version is offered only when every enabled transfer has it.
import { Fault } from "../../base/fault.ts";
import type { Sha256, Version } from "../../base/ids.ts";
import { joinPath } from "../../base/machine-path.ts";
import type { Catalog, Compression, Evidence, ManifestFacts, Offer, Release, Shape } from "../../domain/resource.ts";
import { compareVersions } from "../../domain/version-order.ts";
import type { Transfer } from "../../format/definitions.ts";
import { matchPatterns } from "../../format/pattern.ts";
import type { ReleaseFile } from "../../format/release-files.ts";
import { encodePath } from "../acquire/download.ts";
import { explicitFolder } from "./boot-folders.ts";
import { type Manifest, readManifest, type SourceFolder } from "./manifest.ts";
import type { Session } from "../session.ts";
import { listIfThere } from "../state/small-file.ts";
import type { Facts } from "../state/state.ts";

export type CatalogFaultCode = "tree-cannot-be-verified" | "too-many-files" | "bad-address";

const maxFolderItems = 20_000;
const maxFolderDepth = 8;

interface Named {
  readonly name: string;
  readonly sha256: Sha256 | undefined;
  readonly evidence: Evidence;
  readonly sizeBytes: number | undefined;
  /** The manifest of its release. */
  readonly manifest?: ReleaseFile;
}

function pathOfUrl(url: string): string {
  try {
    return decodeURIComponent(url.slice("file://".length));
  } catch (error) {
    throw new Fault<CatalogFaultCode>("bad-address", `Cannot use ${url} as a source: its percent signs mean nothing`, {
      hint: "Write %%25 for a percent sign in Path=, as every % is doubled there.",
      cause: error,
    });
  }
}

/** Where a transfer's resources come from today: `--from` stands before the definition. */
function sourceFolder(session: Session, transfer: Transfer): SourceFolder {
  const { from, verify } = session.settings;
  const demanded = verify ?? transfer.verify;
  const { path, pathRelativeTo, type } = transfer.source;
  const bare = path.replace(/\/+$/, "") || "/";
  const common = { verify: demanded, origin: bare };
  if (from !== undefined) return { ...common, location: from, remote: false };
  if (type !== "url-file" && type !== "url-tar") {
    return { ...common, location: pathRelativeTo === "explicit" ? explicitFolder(session, path) : bare, remote: false };
  }
  const isFile = bare.startsWith("file://");
  return { ...common, location: isFile ? pathOfUrl(bare) : bare, remote: !isFile };
}

const suffixes: readonly (readonly [string, Compression])[] = [
  [".gz", "gz"],
  [".tgz", "gz"],
  [".xz", "xz"],
  [".txz", "xz"],
  [".zst", "zst"],
  [".tzst", "zst"],
  [".bz2", "bz2"],
  [".tbz2", "bz2"],
];

/** A hint from the name, for the plan; what the first bytes say decides when the resource is here (acquire). */
function compressionOfName(name: string): Compression | undefined {
  return suffixes.find(([suffix]) => name.endsWith(suffix))?.[1];
}

function shapeOf(transfer: Transfer, name: string): Shape {
  switch (transfer.source.type) {
    case "directory":
    case "subvolume":
      return { kind: "tree" };
    case "tar":
    case "url-tar":
      return { kind: "archive", compression: compressionOfName(name) };
    case "regular-file":
    case "url-file":
      return { kind: "bytes", compression: compressionOfName(name) };
  }
}

/** Names below a local folder, links left out: what a source offers must be in it. */
async function walkFolder(session: Session, folder: string, wanted: "file" | "folder"): Promise<readonly Named[]> {
  const found: Named[] = [];
  const visit = async (below: string, depth: number): Promise<void> => {
    for (const item of await listIfThere(session.machine.disk, below === "" ? folder : joinPath(folder, below))) {
      const name = below === "" ? item.name : `${below}/${item.name}`;
      if (item.name.startsWith(".")) continue;
      if (item.kind === wanted) found.push({ name, sha256: undefined, evidence: "none", sizeBytes: undefined });
      if (found.length > maxFolderItems) {
        throw new Fault<CatalogFaultCode>(
          "too-many-files",
          `Cannot use ${folder} as a source: it has more than ${maxFolderItems} files`,
        );
      }
      if (item.kind === "folder" && depth < maxFolderDepth && wanted === "file") await visit(name, depth + 1);
    }
  };
  await visit("", 0);
  return found;
}

async function withSizes(session: Session, folder: string, names: readonly Named[]): Promise<readonly Named[]> {
  return Promise.all(
    names.map(async (named) => {
      const stat = await session.machine.disk.stat(joinPath(folder, named.name));
      return stat?.kind === "file" ? { ...named, sizeBytes: stat.sizeBytes } : named;
    }),
  );
}

function listedNames({ facts, entries, index }: Manifest): readonly Named[] {
  if (index === undefined)
    return [...entries].map(([name, sha256]) => ({ name, sha256, evidence: facts.evidence, sizeBytes: undefined }));
  return index.releases.flatMap(({ state, files, name, sizeBytes, sha256 }) =>
    state === "withdrawn"
      ? []
      : files.map((file): Named => ({ ...file, evidence: facts.evidence, manifest: { name, sizeBytes, sha256 } })),
  );
}

/** All names that one source folder offers to a transfer, with what vouches for each. */
async function namesOf(
  session: Session,
  transfer: Transfer,
  source: SourceFolder,
  manifest: Manifest | undefined,
): Promise<readonly Named[]> {
  const type = transfer.source.type;
  if (type === "directory" || type === "subvolume") {
    if (!source.verify) return walkFolder(session, source.location, "folder");
    throw new Fault<CatalogFaultCode>(
      "tree-cannot-be-verified",
      `Cannot verify ${source.location}: a source of type ${type} carries no signature`,
      {
        hint: `Ship it as a tar archive in a signed repository, or say Verify=no in ${transfer.file}.`,
        kind: "refused",
      },
    );
  }
  const listed = manifest === undefined ? [] : listedNames(manifest);
  if (source.remote) return listed;
  const present = await walkFolder(session, source.location, "file");
  const presentNames = new Set(present.map((named) => named.name));
  // With verification only what is listed counts; without it, the list still protects what it does name.
  const here = listed.filter((named) => presentNames.has(named.name));
  const known = new Set(listed.map((named) => named.name));
  return source.verify ? here : [...here, ...present.filter((named) => !known.has(named.name))];
}

/** The offers of one transfer, one a version: of several names the one matched by the earliest pattern. */
async function offersOf(
  session: Session,
  transfer: Transfer,
  source: SourceFolder,
  manifest: Manifest | undefined,
): Promise<readonly Offer[]> {
  const best = new Map<Version, { readonly index: number; readonly offer: Offer }>();
  const matching = (await namesOf(session, transfer, source, manifest)).flatMap((named) => {
    const match = matchPatterns(transfer.source.patterns, named.name);
    return match === undefined ? [] : [{ named, match }];
  });
  const sized = source.remote
    ? matching.map(({ named }) => named)
    : await withSizes(
        session,
        source.location,
        matching.map(({ named }) => named),
      );
  for (const [at, { match }] of matching.entries()) {
    const named = sized[at] as Named;
    const { version } = match.fields;
    const known = best.get(version);
    if (known !== undefined && known.index <= match.index) continue;
    const location = source.remote
      ? `${source.location}/${encodePath(named.name)}`
      : joinPath(source.location, named.name);
    const offer: Offer = {
      transfer: transfer.id,
      version,
      name: named.name,
      location,
      remote: source.remote,
      shape: shapeOf(transfer, named.name),
      fields: match.fields,
      evidence: named.evidence,
      sha256: named.sha256 ?? match.fields.sha256,
      sizeBytes: named.sizeBytes,
      ...(named.manifest === undefined
        ? {}
        : { manifest: { ...named.manifest, folder: source.location, origin: source.origin } }),
      ...listedChunksOf(session, transfer, source, manifest, named.name),
    };
    best.set(version, { index: match.index, offer });
  }
  return [...best.values()].map(({ offer }) => offer);
}

/** An index that the same list names is proven as the image is; where its chunks are, somebody has to say. */
function listedChunksOf(
  { settings }: Session,
  transfer: Transfer,
  source: SourceFolder,
  manifest: Manifest | undefined,
  name: string,
): Pick<Offer, "listedChunks"> {
  const store = settings.chunkStore ?? transfer.source.chunkStore;
  const sha256 = manifest?.entries.get(`${name}.caibx`);
  if (store === undefined || sha256 === undefined || !source.remote) return {};
  const location = `${source.location}/${encodePath(name)}.caibx`;
  return { listedChunks: { location, sha256, store: store.replace(/\/+$/, "") } };
}

/** Asks every source once. Throws the first Fault: a version is whole or not offered at all. */
export async function readCatalog(session: Session, transfers: readonly Transfer[], facts: Facts): Promise<Catalog> {
  const manifests = new Map<string, Manifest | undefined>();
  const offers: Offer[] = [];
  for (const transfer of transfers) {
    const source = sourceFolder(session, transfer);
    const key = `${source.verify} ${source.location} ${source.origin}`;
    if (!manifests.has(key))
      manifests.set(key, isTree(transfer) ? undefined : await readManifest(session, source, facts));
    offers.push(...(await offersOf(session, transfer, source, manifests.get(key))));
  }
  const withdrawn = new Set(
    [...manifests.values()].flatMap((manifest) =>
      (manifest?.index?.releases ?? []).flatMap(({ state, version }) => (state === "withdrawn" ? [version] : [])),
    ),
  );
  return {
    releases: releasesOf(transfers, offers).filter(({ version }) => !withdrawn.has(version)),
    withdrawn,
    manifests: [...manifests.values()].flatMap((manifest): readonly ManifestFacts[] =>
      manifest === undefined ? [] : [manifest.facts],
    ),
    checkedAtMs: session.machine.clock.nowMs(),
  };
}

function isTree(transfer: Transfer): boolean {
  return transfer.source.type === "directory" || transfer.source.type === "subvolume";
}

/** Versions that a transfer refuses as too old or too new are not offered by it. */
function accepts(transfer: Transfer, version: Version): boolean {
  if (transfer.minVersion !== undefined && compareVersions(version, transfer.minVersion) < 0) return false;
  return transfer.maxVersion === undefined || compareVersions(version, transfer.maxVersion) <= 0;
}

function releasesOf(transfers: readonly Transfer[], offers: readonly Offer[]): readonly Release[] {
  const versions = [...new Set(offers.map((offer) => offer.version))].sort((a, b) => compareVersions(b, a));
  return versions
    .filter((version) => transfers.every((transfer) => accepts(transfer, version)))
    .map((version) => {
      const own = offers.filter((offer) => offer.version === version);
      const missing = transfers
        .filter((transfer) => !own.some((offer) => offer.transfer === transfer.id))
        .map((transfer) => transfer.id);
      return { version, offers: own, missing };
    });
}
