// Which file of a release is which resource: by the definitions that machines have, or else by name and content.
import type { Version } from "../base/ids.ts";
import { roleOf } from "../domain/role.ts";
import type { Transfer } from "../format/definitions.ts";
import { matchPatterns } from "../format/pattern.ts";
import type { PayloadFacts, ReleaseRole } from "./release-facts.ts";

/** A transfer that takes a file, and the version that it would take it for. */
export interface Taken {
  readonly transfer: Transfer;
  readonly version: Version;
}

export function takenBy(transfers: readonly Transfer[], name: string): readonly Taken[] {
  return transfers.flatMap((transfer) => {
    const match = matchPatterns(transfer.source.patterns, name);
    return match === undefined ? [] : [{ transfer, version: match.fields.version }];
  });
}

export function payloadRole(file: PayloadFacts, transfers: readonly Transfer[] | undefined): ReleaseRole {
  const [taken] = takenBy(transfers ?? [], file.name);
  if (taken !== undefined) return roleOf(taken.transfer.target);
  if (file.entry === undefined) return "image";
  return file.entry.shown ? "entry" : "addon";
}

/** What a name is but for the version in it; `undefined`: the version is not in it. */
export function stemOf(name: string, version: string): readonly [before: string, after: string] | undefined {
  const at = name.lastIndexOf(version);
  return at < 0 ? undefined : [name.slice(0, at), name.slice(at + version.length)];
}

/** The name that a boot entry's command line would use for an installed image, without its folder. */
export function installedName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether two names are the same resource of two versions. */
export function sameResource(a: string, versionA: string, b: string, versionB: string): boolean {
  const [stemA, stemB] = [stemOf(a, versionA), stemOf(b, versionB)];
  return stemA !== undefined && stemB !== undefined && stemA[0] === stemB[0] && stemA[1] === stemB[1];
}
