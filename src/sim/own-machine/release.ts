// One version of the user's system, made up from the definitions: contents, and the names that their patterns give.
import { parseUuid, parseVersion, type Sha256, type Uuid } from "../../base/ids.ts";
import { toBytes } from "../../base/text.ts";
import { instanceName } from "../../domain/destination.ts";
import type { Offer } from "../../domain/resource.ts";
import { roleOf } from "../../domain/role.ts";
import type { Transfer } from "../../format/definitions.ts";
import { partitionTypeName } from "../../format/partition-types.ts";
import { type Fields, formatPattern, matchPattern, patternFields } from "../../format/pattern.ts";
import { tinyUki } from "../../format/pe.fixture.ts";
import type { Digest } from "../../port/digest.ts";
import { simCompress, simTar } from "../decoder/sim-decoder.ts";
import { Content } from "../disk/content.ts";
import { kindOf, packingOf } from "./kind.ts";
import type { Scale } from "./scale.ts";

/** One resource of one version. */
export interface Piece {
  readonly transfer: Transfer;
  /** As the source names it. */
  readonly sourceName: string;
  /** As it is installed anew: below the target's folder, or the partition's label. */
  readonly targetName: string;
  /** A tree has files instead of a content. */
  readonly content: Content;
  readonly files: ReadonlyMap<string, Content> | undefined;
  readonly travels: Content;
  readonly sha256: Sha256;
  readonly partitionUuid: Uuid;
}

export interface OwnRelease {
  readonly version: string;
  readonly pieces: readonly Piece[];
}

export interface ReleaseOptions {
  readonly transfers: readonly Transfer[];
  readonly version: string;
  /** Tells the contents of versions apart. */
  readonly index: number;
  readonly scale: Scale;
  readonly digest: Digest;
  /** The path on the boot file system of a piece that a type 1 entry starts. */
  readonly bootPath: (transfer: Transfer, targetName: string) => string;
  /** `false` where nobody reads contents of their true size: digests are then made up. */
  readonly hashed: boolean;
}

/** Throws the Fault of a pattern that cannot name a version: such definitions never install anything. */
export function makeRelease(options: ReleaseOptions): OwnRelease {
  const { transfers, version } = options;
  const others = transfers.filter(({ target }) => roleOf(target) !== "entry");
  const pieces = others.map((transfer) => pieceOf(options, transfer, []));
  const entries = transfers.filter(({ target }) => roleOf(target) === "entry");
  return { version, pieces: [...pieces, ...entries.map((entry) => pieceOf(options, entry, pieces))] };
}

function pieceOf(options: ReleaseOptions, transfer: Transfer, others: readonly Piece[]): Piece {
  const { version, digest, hashed, scale } = options;
  const made = contentOf(options, transfer, others);
  const travels = hashed
    ? packed(transfer, made)
    : Content.pattern(seedOf(options, transfer), scale(transfer).travelBytes);
  const sha256 = hashed ? sha256Of(digest, travels.bytes()) : sha256Of(digest, toBytes(`${transfer.id} ${version}`));
  const partitionUuid = uuidOf(digest, transfer, version);
  const fields: Fields = {
    version: parseVersion(version),
    partitionUuid,
    partitionFlags: 0n,
    noAuto: false,
    growFileSystem: false,
    readOnly: true,
    mtimeUs: 1_700_000_000_000_000n,
    mode: 0o444,
    sizeBytes: made.content.sizeBytes,
    triesLeft: 3,
    triesDone: 0,
    sha256,
  };
  const [pattern] = transfer.source.patterns;
  if (pattern === undefined) throw new Error("Assertion failed: a source has a pattern");
  const sourceName = formatPattern(pattern, fields);
  const offer: Offer = {
    transfer: transfer.id,
    version: parseVersion(version),
    name: sourceName,
    location: sourceName,
    remote: true,
    shape: { kind: "bytes", compression: undefined },
    fields: matchPattern(pattern, sourceName) ?? { version: parseVersion(version) },
    evidence: "signed",
    sha256,
    sizeBytes: travels.sizeBytes,
  };
  return { transfer, sourceName, targetName: instanceName(transfer, offer), ...made, travels, sha256, partitionUuid };
}

interface Made {
  readonly content: Content;
  readonly files: ReadonlyMap<string, Content> | undefined;
}

function contentOf(options: ReleaseOptions, transfer: Transfer, others: readonly Piece[]): Made {
  const { version, scale, hashed } = options;
  const { contentBytes } = scale(transfer);
  const seed = seedOf(options, transfer);
  switch (kindOf(transfer)) {
    case "tree": {
      const files = new Map([
        ["bin/tool", Content.pattern(seed, Math.min(contentBytes, 9_000))],
        ["version", Content.text(`${version}\n`)],
      ]);
      return { content: Content.pattern(seed, contentBytes), files };
    }
    case "conf":
      return { content: Content.text(confText(options, others)), files: undefined };
    case "uki": {
      const osRelease = `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`;
      // Small ones are written and compared as plain bytes; of large ones only the headers are ever read.
      const payload = `kernel of ${transfer.id} ${version} `.padEnd(hashed ? contentBytes : 0, version);
      const head = Content.of(tinyUki({ osRelease, payload, cmdline: commandLine(options) }));
      const rest = hashed ? 0 : Math.max(0, contentBytes - head.sizeBytes);
      return { content: Content.join(head, Content.pattern(seed, rest)), files: undefined };
    }
    default:
      return { content: Content.pattern(seed, contentBytes), files: undefined };
  }
}

function seedOf({ transfers, index }: ReleaseOptions, transfer: Transfer): number {
  return 1000 + transfers.indexOf(transfer) * 64 + index;
}

function confText({ version, bootPath }: ReleaseOptions, others: readonly Piece[]): string {
  const kernels = others.filter(({ transfer }) => kindOf(transfer) === "kernel");
  const isInitrd = ({ sourceName, targetName }: Piece): boolean => /initr|ramfs/i.test(`${sourceName} ${targetName}`);
  const linux = kernels.find((piece) => !isInitrd(piece));
  const path = ({ transfer, targetName }: Piece): string => bootPath(transfer, targetName);
  const lines = [
    `title Simulated ${version}`,
    `version ${version}`,
    "sort-key demo",
    ...(linux === undefined ? ["linux /simulated/linux"] : [`linux ${path(linux)}`]),
    ...kernels.filter(isInitrd).map((piece) => `initrd ${path(piece)}`),
    "options quiet",
  ];
  return `${lines.join("\n")}\n`;
}

/** With a data and a hash partition named by @u, the command line demands both by their verity hash. */
function commandLine({ transfers, digest, version }: ReleaseOptions): string {
  const named = (suffix: string): Transfer | undefined =>
    transfers.find(({ source, target }) => {
      const type = target.partitionType === undefined ? undefined : partitionTypeName(target.partitionType);
      const isPart = type !== undefined && /^(?:root|usr)(?:-[^v].*)?$/.test(type.replace(/-verity$/, ""));
      const fits = isPart && (suffix === "" ? !type.includes("verity") : type.endsWith(suffix));
      return fits && source.patterns[0] !== undefined && patternFields(source.patterns[0]).has("u");
    });
  const [data, hash] = [named(""), named("-verity")];
  if (data === undefined || hash === undefined || partitionPart(data) !== partitionPart(hash)) return "quiet";
  const half = (transfer: Transfer): string => uuidOf(digest, transfer, version).replaceAll("-", "");
  return `quiet ${partitionPart(data)}hash=${half(data)}${half(hash)}`;
}

function partitionPart({ target }: Transfer): string | undefined {
  return (target.partitionType === undefined ? undefined : partitionTypeName(target.partitionType))?.split("-")[0];
}

function packed(transfer: Transfer, { content, files }: Made): Content {
  const packing = packingOf(transfer);
  const { type } = transfer.source;
  const bare = files !== undefined && (type === "url-tar" || type === "tar") ? archiveOf(files) : content;
  return packing === undefined ? bare : Content.of(simCompress(packing, bare.bytes()));
}

function archiveOf(files: ReadonlyMap<string, Content>): Content {
  const owner = { uid: 0, gid: 0, mtimeUs: 1_000_000n };
  return Content.of(
    simTar([
      { kind: "folder", path: "bin", mode: 0o755, ...owner },
      ...[...files].map(([path, content]) => {
        const bytes = content.bytes();
        return { kind: "file" as const, path, mode: 0o644, ...owner, sizeBytes: bytes.length, content: bytes };
      }),
    ]),
  );
}

function sha256Of(digest: Digest, bytes: Uint8Array): Sha256 {
  const hasher = digest.sha256();
  hasher.update(bytes);
  return hasher.finish();
}

function uuidOf(digest: Digest, transfer: Transfer, version: string): Uuid {
  return parseUuid(sha256Of(digest, toBytes(`partition ${transfer.id} ${version}`)).slice(0, 32));
}
