// A chunk index that a list of checksums names beside an image (KDE Linux's layout): believed for its digest, and through its
// ids for every chunk; what the image is as a whole, the same list says (P9).
import { Fault } from "../../base/fault.ts";
import type { ListedChunks, Offer } from "../../domain/resource.ts";
import { type ChunkIndex, parseChunkIndex } from "../../format/chunk-index.ts";
import type { Session } from "../session.ts";
import { readFromSource, withoutSecrets } from "./download.ts";

export type ListedIndexFaultCode = "index-not-there" | "index-not-as-listed";

/** As many as format/chunk-index.ts takes. */
const maxBytes = 64 << 20;

type Listed = Offer & { readonly listedChunks: ListedChunks };

/** Only what travels as it is installed can be made of chunks. */
export function hasListedChunks(offer: Offer): offer is Listed {
  const { listedChunks, manifest, shape } = offer;
  return (
    listedChunks !== undefined && manifest === undefined && shape.kind === "bytes" && shape.compression === undefined
  );
}

/** Faults: those of the line and of the format, `index-not-there`, `index-not-as-listed`. */
export async function readListedIndex(
  session: Session,
  { listedChunks: { location, sha256 } }: Listed,
  onBytes: (bytes: number) => void = () => {},
): Promise<ChunkIndex> {
  const shown = withoutSecrets(location);
  const bytes = await readFromSource(session, location, true, maxBytes);
  if (bytes === undefined)
    throw new Fault<ListedIndexFaultCode>("index-not-there", `Cannot use ${shown}: the server does not have it`);
  onBytes(bytes.length);
  const hasher = session.machine.digest.sha256();
  hasher.update(bytes);
  if (hasher.finish() === sha256) return parseChunkIndex(bytes);
  throw new Fault<ListedIndexFaultCode>(
    "index-not-as-listed",
    `Cannot use ${shown}: it is not the file that the manifest lists`,
    { hint: "The mirror is damaged or in the middle of an upload." },
  );
}
