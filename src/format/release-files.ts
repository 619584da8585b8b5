// What a Holdfast repository says beside SHA256SUMS: the index `holdfast.json`, and one manifest a release (DESIGN,
// "Contracts between the parts"). Unknown fields are passed over, so that newer repositories serve older clients.
import { Fault } from "../base/fault.ts";
import type { Sha256, Version } from "../base/ids.ts";
import { type JsonFields, parseJsonFields } from "./json-fields.ts";

/** A file of the repository. */
export interface ReleaseFile {
  /** Relative path. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

export interface ReleaseResource extends ReleaseFile {
  readonly role: "image" | "addon" | "entry";
  /** After decompression. */
  readonly content: { readonly sizeBytes: number; readonly sha256: Sha256 };
}

export interface ReleaseDelta extends ReleaseFile {
  readonly from: Version;
  /** The program and version whose output decoders must know. */
  readonly encoder: string;
}

/** `releases/VERSION.json`; never changes once it is published. */
export interface ReleaseManifest {
  readonly version: Version;
  /** Of the state on disk; raising it needs consent (P10). */
  readonly epoch: number;
  readonly notes: string;
  readonly resources: readonly ReleaseResource[];
  readonly deltas: readonly ReleaseDelta[];
}

/** A release's manifest as the index names it. */
export interface IndexedRelease extends ReleaseFile {
  readonly version: Version;
  readonly state: "offered" | "withdrawn";
}

/** `holdfast.json`, without its signature. */
export interface ReleaseIndex {
  /** Grows with every publication. */
  readonly serial: number;
  /** UTC, such as 2026-07-01T12:00:00Z. */
  readonly created: string;
  readonly expires: string;
  readonly releases: readonly IndexedRelease[];
}

const format = 1;
const maxIndexBytes = 16 << 20;
const maxManifestBytes = 4 << 20;
const maxReleases = 100_000;
const maxResources = 10_000;
const maxNotesLength = 1 << 20;

function requireFormat(fields: JsonFields): void {
  const found = fields.count("format");
  if (found !== format)
    throw new Fault("release-format-unknown", `Cannot read the release file: it has format ${found}`, {
      hint: "The repository is newer than this Holdfast: update Holdfast.",
    });
}

/** Throws where two items have one key: whoever reads another of them would do another thing. */
function requireDistinct<T>(fields: JsonFields, items: readonly T[], key: (item: T) => string): readonly T[] {
  if (new Set(items.map(key)).size < items.length) throw fields.refuse("lists something twice");
  return items;
}

const readFile = (fields: JsonFields): ReleaseFile => ({
  name: fields.path("name"),
  sizeBytes: fields.count("size"),
  sha256: fields.sha256("sha256"),
});

/** Throws a Fault (`release-file-damaged`, `release-format-unknown`). */
export function parseReleaseManifest(bytes: Uint8Array): ReleaseManifest {
  const fields = parseJsonFields("the release manifest", bytes, maxManifestBytes);
  requireFormat(fields);
  const resources = fields.list("resources", maxResources).map((item): ReleaseResource => {
    const content = item.object("content");
    return {
      ...readFile(item),
      role: item.oneOf("role", ["image", "addon", "entry"]),
      content: { sizeBytes: content.count("size"), sha256: content.sha256("sha256") },
    };
  });
  const deltas = fields
    .list("deltas", maxResources)
    .map((item): ReleaseDelta => ({ ...readFile(item), from: item.version("from"), encoder: item.text("encoder") }));
  return {
    version: fields.version("version"),
    epoch: fields.count("epoch"),
    notes: fields.text("notes", maxNotesLength),
    resources: requireDistinct(fields, resources, ({ name }) => name),
    deltas: requireDistinct(fields, deltas, ({ name }) => name),
  };
}

/** Throws a Fault (`release-file-damaged`, `release-format-unknown`). */
export function parseReleaseIndex(bytes: Uint8Array): ReleaseIndex {
  const fields = parseJsonFields("the index", bytes, maxIndexBytes);
  requireFormat(fields);
  const releases = fields.list("releases", maxReleases).map(
    (item): IndexedRelease => ({
      version: item.version("version"),
      state: item.oneOf("state", ["offered", "withdrawn"]),
      ...readFile(item),
    }),
  );
  return {
    serial: fields.count("serial"),
    created: fields.time("created"),
    expires: fields.time("expires"),
    releases: requireDistinct(fields, releases, ({ version }) => version),
  };
}

const writeFile = ({ name, sizeBytes, sha256 }: ReleaseFile): object => ({ name, size: sizeBytes, sha256 });

const toJson = (value: object): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);

/** The same manifest is always the same bytes: fields in the order of the contract, lists in the order given. */
export function formatReleaseManifest(manifest: ReleaseManifest): Uint8Array {
  return toJson({
    format,
    version: manifest.version,
    epoch: manifest.epoch,
    notes: manifest.notes,
    resources: manifest.resources.map((resource) => ({
      ...writeFile(resource),
      content: { size: resource.content.sizeBytes, sha256: resource.content.sha256 },
      role: resource.role,
    })),
    deltas: manifest.deltas.map((delta) => ({ from: delta.from, ...writeFile(delta), encoder: delta.encoder })),
  });
}

export function formatReleaseIndex(index: ReleaseIndex): Uint8Array {
  return toJson({
    format,
    serial: index.serial,
    created: index.created,
    expires: index.expires,
    releases: index.releases.map((release) => ({
      version: release.version,
      state: release.state,
      ...writeFile(release),
    })),
  });
}
