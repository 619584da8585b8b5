// The release that is installed: chosen from a signed list, and brought in file by file, each proven (P9).
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { Offer, Trust } from "../../domain/resource.ts";
import {
  chooseInstallRelease,
  type InstallFile,
  type InstallRelease,
  type InstallWish,
} from "../../image/install-release.ts";
import type { InstalledFile } from "../../image/install-system.ts";
import { withoutSecrets } from "../acquire/download.ts";
import { downloadResource } from "../acquire/download-resource.ts";
import { proveManifest } from "../observe/manifest.ts";
import type { Session } from "../session.ts";
import { noFacts } from "../state/state.ts";

export interface ProvenRelease {
  readonly release: InstallRelease;
  /** A URL or a folder, without a slash at the end. */
  readonly location: string;
  readonly remote: boolean;
  readonly trust: Trust;
  readonly signedAtMs: number | undefined;
  readonly signer: string | undefined;
  /** The list and its signature as they came; absent where no signature was asked for. */
  readonly signed: { readonly text: Uint8Array; readonly signature: Uint8Array } | undefined;
}

export interface ReleaseRequest {
  readonly location: string;
  readonly remote: boolean;
  /** Take a list that nobody signed. */
  readonly unsigned: boolean;
  readonly wish: InstallWish;
}

/** Faults: those of the manifest and of `chooseInstallRelease`. */
export async function readRelease(session: Session, request: ReleaseRequest): Promise<ProvenRelease> {
  const { location, remote, unsigned, wish } = request;
  const source = { location, remote, verify: !unsigned, origin: location };
  const proven = await proveManifest(session, source, noFacts);
  if (proven === undefined)
    throw new Fault("no-manifest", `Cannot install from ${withoutSecrets(location)}: there is no SHA256SUMS in it`, {
      hint: "Name the folder or address that has the files of the release and their SHA256SUMS.",
    });
  const { manifest, text, signature } = proven;
  return {
    release: chooseInstallRelease(manifest.entries, wish, withoutSecrets(location)),
    location,
    remote,
    trust: unsigned ? "unproven" : "proven",
    signedAtMs: manifest.facts.signedAtMs,
    signer: manifest.facts.signer,
    signed: signature === undefined ? undefined : { text, signature },
  };
}

function offerOf({ location, remote, release, trust }: ProvenRelease, file: InstallFile): Offer {
  return {
    transfer: file.role,
    version: release.version,
    name: file.name,
    location: `${location}/${remote ? encodeURIComponent(file.name) : file.name}`,
    remote,
    shape: { kind: "bytes", compression: undefined },
    fields: { version: release.version },
    evidence: trust === "proven" ? "signed" : "listed",
    sha256: file.sha256,
    sizeBytes: undefined,
  };
}

/** Copies a file of the release to `path`; returns when the bytes are those of the list. */
export async function fetchFile(
  session: Session,
  proven: ProvenRelease,
  file: InstallFile,
  path: string,
): Promise<InstalledFile & { readonly sha256: Sha256 }> {
  const offer = offerOf(proven, file);
  await demandThere(session, offer, proven);
  await using target = await session.machine.disk.open(path, "create");
  const { sizeBytes, sha256 } = await downloadResource(session, {
    offer,
    file: target,
    resumeBytes: 0,
    onBytes: (done) => session.machine.progress.report({ kind: "bytes", done, total: undefined }),
    onFlushed: async () => {},
  });
  return { role: file.role, sha256, sizeBytes };
}

/** A list may name what its folder does not have. */
async function demandThere(session: Session, offer: Offer, { location, release }: ProvenRelease): Promise<void> {
  if (offer.remote || (await session.machine.disk.resolve(offer.location)) !== undefined) return;
  throw new Fault(
    "release-incomplete",
    `Cannot install ${release.name} ${release.version}: ${offer.name} is listed and not there, in ${location}`,
    { hint: "Copy the whole release, with its SHA256SUMS and signature." },
  );
}
