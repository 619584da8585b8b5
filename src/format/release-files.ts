// What a Holdfast repository says beside SHA256SUMS: the index `holdfast.json`, and one manifest a release (DESIGN,
// "Contracts between the parts"). Unknown fields are passed over, so that newer repositories serve older clients.
// The index names the payload of every release, so that one signed file is a whole catalog; what it takes to bring a
// release in cheaply (chunks, deltas) is in its manifest, which is asked for once a release was chosen.
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

export interface Content {
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** A resource cut into chunks (format/chunk-index.ts). */
export interface ReleaseChunks {
  /** The `.caibx` file. */
  readonly index: ReleaseFile;
  /** Folder of the store that has every chunk as a file of its own, for other clients. */
  readonly store: string;
  /** Where in the packs each chunk of the index lies (format/pack-map.ts). */
  readonly map: ReleaseFile;
  /** In the order in which the map numbers them. */
  readonly packs: readonly ReleaseFile[];
}

export interface ReleaseResource extends ReleaseFile {
  readonly role: "image" | "addon" | "entry";
  /** After decompression. */
  readonly content: Content;
  readonly chunks: ReleaseChunks | undefined;
}

/** Makes the bytes of one resource from what another version of it has installed (format/delta-file.ts). */
export interface ReleaseDelta extends ReleaseFile {
  /** Name of the resource that comes out, as it travels. */
  readonly resource: string;
  /** Identity is by content: any installed copy with these bytes will do. */
  readonly from: Content & { readonly version: Version };
  /** The first bytes of the file, which say what the rest is and prove it piece by piece. */
  readonly head: Content;
  /** The program and version whose output decoders must reproduce, such as `zstd 1.5.7`. */
  readonly encoder: string;
  /** Peak of what applying it holds at once, without the program itself. */
  readonly memoryBytes: number;
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
  /** The payload. */
  readonly files: readonly ReleaseFile[];
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
const maxPacks = 100_000;
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

const readContent = (fields: JsonFields): Content => ({
  sizeBytes: fields.count("size"),
  sha256: fields.sha256("sha256"),
});

const readChunks = (fields: JsonFields): ReleaseChunks => ({
  index: readFile(fields.object("index")),
  store: fields.path("store"),
  map: readFile(fields.object("map")),
  packs: requireDistinct(fields, fields.list("packs", maxPacks).map(readFile), ({ name }) => name),
});

function readDelta(fields: JsonFields): ReleaseDelta {
  const from = fields.object("from");
  return {
    ...readFile(fields),
    resource: fields.path("resource"),
    from: { version: from.version("version"), ...readContent(from) },
    head: readContent(fields.object("head")),
    encoder: fields.text("encoder"),
    memoryBytes: fields.count("memory"),
  };
}

/** Throws a Fault (`release-file-damaged`, `release-format-unknown`). */
export function parseReleaseManifest(bytes: Uint8Array): ReleaseManifest {
  const fields = parseJsonFields("the release manifest", bytes, maxManifestBytes);
  requireFormat(fields);
  const resources = fields.list("resources", maxResources).map(
    (item): ReleaseResource => ({
      ...readFile(item),
      role: item.oneOf("role", ["image", "addon", "entry"]),
      content: readContent(item.object("content")),
      chunks: item.has("chunks") ? readChunks(item.object("chunks")) : undefined,
    }),
  );
  const deltas = fields.list("deltas", maxResources).map(readDelta);
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
      files: requireDistinct(item, item.list("files", maxResources).map(readFile), ({ name }) => name),
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

const writeContent = ({ sizeBytes, sha256 }: Content): object => ({ size: sizeBytes, sha256 });

const writeChunks = ({ index, store, map, packs }: ReleaseChunks): object => ({
  index: writeFile(index),
  store,
  map: writeFile(map),
  packs: packs.map(writeFile),
});

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
      content: writeContent(resource.content),
      role: resource.role,
      ...(resource.chunks === undefined ? {} : { chunks: writeChunks(resource.chunks) }),
    })),
    deltas: manifest.deltas.map((delta) => ({
      resource: delta.resource,
      from: { version: delta.from.version, ...writeContent(delta.from) },
      ...writeFile(delta),
      head: writeContent(delta.head),
      encoder: delta.encoder,
      memory: delta.memoryBytes,
    })),
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
      files: release.files.map(writeFile),
    })),
  });
}
