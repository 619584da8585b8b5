// How large the simulated contents are: as large as the user's for the arithmetic of room, small where power is cut
// thousands of times. A crash sees classes of content (absent, part, zero, whole), which do not depend on the size.
import type { Transfer } from "../../format/definitions.ts";
import { kindOf, packingOf, type ResourceKind } from "./kind.ts";
import type { ResourceSize, Shape } from "./shape.ts";

/** Bytes of each resource of a simulated version, by transfer. */
export type Scale = (transfer: Transfer) => Pick<ResourceSize, "contentBytes" | "travelBytes">;

export function realScale({ sizes }: Shape): Scale {
  return ({ id }) => sizes.get(id) ?? { contentBytes: 0, travelBytes: 0 };
}

/** Several blocks or clusters each, so that a write can tear. */
const smallBytes: Readonly<Record<ResourceKind, number>> = {
  uki: 12_000,
  conf: 0,
  addon: 5_000,
  kernel: 9_000,
  image: 20_000,
  verity: 9_000,
  "verity-sig": 5_000,
  index: 5_000,
  tree: 9_100,
};

export const smallScale: Scale = (transfer) => {
  const contentBytes = smallBytes[kindOf(transfer)];
  const isPacked = packingOf(transfer) !== undefined || kindOf(transfer) === "tree";
  return { contentBytes, travelBytes: contentBytes + (isPacked ? 2_000 : 0) };
};
