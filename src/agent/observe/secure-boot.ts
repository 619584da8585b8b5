// Observe: whether Secure Boot is on, what it would take, and what it says to a boot image (P12).
import { Fault } from "../../base/fault.ts";
import { fromUtf8 } from "../../base/text.ts";
import {
  allowsDigests,
  anchorsOf,
  type BootPolicy,
  type BootVerdict,
  bootVerdict,
  type ImageFacts,
  type SecureBoot,
} from "../../domain/secure-boot.ts";
import { authenticodeRanges, readSignatures } from "../../format/authenticode.ts";
import { type EfiSignature, parseSignatureLists } from "../../format/efi-signature-list.ts";
import type { ByteReader, PeImage } from "../../format/pe.ts";
import { parseSbat, type SbatLine } from "../../format/sbat.ts";
import { readUki } from "../../format/uki.ts";
import type { DiskFile } from "../../port/disk.ts";
import type { FirmwareVariable } from "../../port/firmware.ts";
import type { Session } from "../session.ts";
import { readerOf } from "../../port/file-reader.ts";

const pieceBytes = 1 << 20;

/** What firmware and shim say of themselves; one reading that fails is taken once more. */
export async function readSecureBoot(session: Session): Promise<SecureBoot> {
  if (!session.settings.live || !session.machine.firmware.available) return { kind: "absent" };
  const first = await readOnce(session);
  return first.kind === "unreadable" ? readOnce(session) : first;
}

async function readOnce(session: Session): Promise<SecureBoot> {
  const { firmware } = session.machine;
  const flag = async (name: FirmwareVariable): Promise<boolean> => (await firmware.read(name))?.[0] === 1;
  const list = async (name: FirmwareVariable): Promise<readonly EfiSignature[]> =>
    parseSignatureLists((await firmware.read(name)) ?? new Uint8Array());
  try {
    if (!(await flag("SecureBoot")))
      return { kind: "off", why: (await flag("SetupMode")) ? "setup-mode" : "switched-off" };
    if (await flag("MokSBStateRT")) return { kind: "off", why: "shim-insecure" };
    const level = (await firmware.read("SbatLevelRT")) ?? new Uint8Array();
    return {
      kind: "on",
      policy: {
        allowed: [...(await list("db")), ...(await list("MokListRT"))],
        forbidden: [...(await list("dbx")), ...(await list("MokListXRT"))],
        sbatLevel: parseSbat(fromUtf8(level) ?? ""),
      },
    };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "unreadable", why: error.message };
  }
}

/**
 * What firmware and shim would do with the image in `file`. `thorough`: all of it is hashed, and signatures for other
 * bytes do not count; otherwise its bytes are taken to be those that were signed. Faults: those of the Disk port.
 */
export async function judgeBootImage(
  session: Session,
  policy: BootPolicy,
  file: DiskFile,
  options: { readonly thorough: boolean },
): Promise<BootVerdict> {
  const reader = await readerOf(file);
  let image: PeImage & { readonly sbat?: string };
  let blobs: readonly Uint8Array[];
  let sbat: readonly SbatLine[] | undefined;
  try {
    image = await readUki(reader);
    blobs = await readSignatures(reader, image);
    // Only shim reads it.
    sbat = image.sbat === undefined || policy.sbatLevel.length === 0 ? undefined : parseSbat(image.sbat);
  } catch (error) {
    if (error instanceof Fault && error.code === "sbat-damaged")
      return { kind: "refused", code: "old-sbat", why: "its generations (SBAT) cannot be read" };
    if (!(error instanceof Fault) || !unreadable.has(error.code)) throw error;
    return { kind: "refused", code: "unsigned", why: "it is no whole EFI program" };
  }
  const anchors = anchorsOf(policy);
  const signatures: ImageFacts["signatures"][number][] = [];
  for (const blob of blobs) signatures.push(await openSignature(session, blob, anchors));
  const readsAll = options.thorough || (signatures.length === 0 && allowsDigests(policy));
  const digest = readsAll ? await imageDigest(session, reader, image) : undefined;
  return bootVerdict(policy, { digest, signatures, sbat });
}

const unreadable: ReadonlySet<string> = new Set(["not-pe", "pe-damaged", "pe-truncated"]);

async function openSignature(
  session: Session,
  blob: Uint8Array,
  anchors: readonly Uint8Array[],
): Promise<ImageFacts["signatures"][number]> {
  try {
    return await session.machine.codeVerifier.open(blob, anchors);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { unusable: unusable[error.code] ?? "its signature cannot be used" };
  }
}

const unusable: Readonly<Record<string, string>> = {
  "damaged-signature": "its signature is damaged",
  "bad-signature": "its signature was not made by whom it names",
  "unsupported-signature": "its signature is of a kind that Holdfast does not know",
};

async function imageDigest(session: Session, reader: ByteReader, image: PeImage): Promise<ImageFacts["digest"]> {
  const hasher = session.machine.digest.sha256();
  for (const { offset, length } of authenticodeRanges(image, reader.sizeBytes)) {
    for (let done = 0; done < length; ) {
      session.signal.throwIfAborted();
      const piece = await reader.read(offset + done, Math.min(pieceBytes, length - done));
      if (piece.length === 0) return undefined;
      hasher.update(piece);
      done += piece.length;
    }
  }
  return hasher.finish();
}
