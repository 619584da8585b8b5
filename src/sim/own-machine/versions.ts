// Which versions are made up: the user's, or ones that the definitions take.
import { Fault } from "../../base/fault.ts";
import { compareVersions } from "../../domain/version-order.ts";
import type { Transfer } from "../../format/definitions.ts";

/** Oldest first. `count` where nobody named any. */
export function chooseVersions(
  transfers: readonly Transfer[],
  named: readonly string[] | undefined,
  count: number,
): readonly string[] {
  const versions = named === undefined ? madeUp(transfers, count) : [...named].sort(compareVersions);
  const refused = versions.find((version) => !transfers.every((transfer) => takes(transfer, version)));
  if (refused !== undefined) {
    throw new Fault("version-not-taken", `Cannot simulate version ${refused}: MinVersion= or MaxVersion= refuses it`, {
      hint: "Name versions that your definitions take, oldest first, for example --versions=24.1,24.2,24.3.",
      kind: "usage",
    });
  }
  return versions;
}

function madeUp(transfers: readonly Transfer[], count: number): readonly string[] {
  const [floor] = transfers.flatMap(({ minVersion }) => minVersion ?? []).sort((a, b) => compareVersions(b, a));
  return Array.from({ length: count }, (_, index) => (floor === undefined ? `${index + 1}` : `${floor}.${index + 1}`));
}

function takes({ minVersion, maxVersion }: Transfer, version: string): boolean {
  if (minVersion !== undefined && compareVersions(version, minVersion) < 0) return false;
  return maxVersion === undefined || compareVersions(version, maxVersion) <= 0;
}
