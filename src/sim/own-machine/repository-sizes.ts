// How large the resources of the newest version in a repository are: a folder, or a server that is asked with HEAD.
import { Fault } from "../../base/fault.ts";
import { joinPath } from "../../base/machine-path.ts";
import { fromUtf8 } from "../../base/text.ts";
import { compareVersions } from "../../domain/version-order.ts";
import { parseChecksums } from "../../format/checksums.ts";
import type { Transfer } from "../../format/definitions.ts";
import { matchPatterns } from "../../format/pattern.ts";
import { readFromSource } from "../../agent/acquire/download.ts";
import type { Session } from "../../agent/session.ts";
import { packingOf } from "./kind.ts";
import type { KnownShape } from "./shape.ts";

const maxListBytes = 16 * 1024 * 1024;

function isRemote(from: string): boolean {
  return /^https?:/i.test(from);
}

/** The list of checksums is believed as it is: only sizes are taken. */
export async function repositorySizes(
  session: Session,
  from: string,
  transfers: readonly Transfer[],
): Promise<KnownShape["sizes"]> {
  const base = from.replace(/\/+$/, "");
  const bytes = await readFromSource(session, `${base}/SHA256SUMS`, isRemote(from), maxListBytes);
  if (bytes === undefined || fromUtf8(bytes) === undefined) {
    throw new Fault("no-manifest", `Cannot take sizes from ${from}: there is no SHA256SUMS in it`, {
      hint: "Name the folder or the address that holds the list of checksums.",
      kind: "usage",
    });
  }
  const names = [...parseChecksums(bytes).entries.keys()];
  const sizes = new Map<string, { bytes: number; travel?: number; from: "repository" }>();
  for (const transfer of transfers) {
    const newest = names
      .flatMap((name) => {
        const match = matchPatterns(transfer.source.patterns, name);
        return match === undefined ? [] : [{ name, fields: match.fields }];
      })
      .sort((a, b) => compareVersions(b.fields.version, a.fields.version))[0];
    if (newest === undefined) continue;
    const travel = await sizeOf(session, base, newest.name);
    const content = newest.fields.sizeBytes ?? (packingOf(transfer) === undefined ? travel : undefined);
    if (travel !== undefined && content !== undefined)
      sizes.set(transfer.id, { bytes: content, travel, from: "repository" });
    // Unpacked it is larger; by how much, nobody says.
    else if (travel !== undefined)
      sizes.set(transfer.id, { bytes: Math.ceil(travel * 2.5), travel, from: "repository" });
  }
  return sizes;
}

async function sizeOf(session: Session, base: string, name: string): Promise<number | undefined> {
  if (!isRemote(base)) return (await session.machine.disk.stat(joinPath(base, name)))?.sizeBytes;
  const url = `${base}/${name.split("/").map(encodeURIComponent).join("/")}`;
  const answer = await session.machine.http.request({ url, method: "HEAD", maxBytes: 0 }, session.signal);
  const length = answer.headers["content-length"];
  return answer.status === 200 && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
