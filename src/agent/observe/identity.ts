// Observe: who the machine is, for specifiers and for the version that runs.
import type { Specifiers } from "../../format/definitions.ts";
import { type OsRelease, parseOsRelease } from "../../format/os-release.ts";
import type { Session } from "../session.ts";
import { readText } from "../state/small-file.ts";

/** os-release(5) of the machine's tree: /etc first, then /usr/lib. */
export async function readOsRelease(session: Session): Promise<OsRelease | undefined> {
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    const text = await readText(session.machine.disk, path);
    if (text !== undefined) return parseOsRelease(text);
  }
  return undefined;
}

async function firstLine(session: Session, path: string): Promise<string | undefined> {
  return (await readText(session.machine.disk, path))?.split("\n")[0]?.trim() || undefined;
}

/** Values of the %-specifiers (interfaces D.2). What a switched-off machine cannot say is absent. */
export async function readSpecifiers(session: Session): Promise<Specifiers> {
  const { process } = session.machine;
  const live = session.settings.live;
  const os = await readOsRelease(session);
  const hostName = (live ? process.hostName : undefined) ?? (await firstLine(session, "/etc/hostname"));
  const values: Record<string, string | undefined> = {
    a: process.architecture,
    A: os?.imageVersion,
    b: live ? (await process.bootId())?.replaceAll("-", "") : undefined,
    B: os?.buildId,
    H: hostName,
    l: hostName?.split(".")[0],
    q: hostName,
    m: await firstLine(session, "/etc/machine-id"),
    M: os?.imageId,
    o: os?.id,
    v: live ? process.kernelRelease : undefined,
    w: os?.versionId,
    W: os?.variantId,
    T: "/tmp",
    V: "/var/tmp",
  };
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
