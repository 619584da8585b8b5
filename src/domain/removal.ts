// Removing a version: the other way round than it came, so that no entry outlives what it needs (P2).
import type { Version } from "../base/ids.ts";
import type { Removal } from "./plan.ts";
import { type Instance, type Role, roleOrder } from "./resource.ts";
import { roleOf } from "./role.ts";
import { everythingOf, type Situation } from "./situation.ts";

/** Position in the order of installation. */
export function roleRank(role: Role): number {
  return roleOrder.indexOf(role);
}

/** Entries first, then addons, then the rest: the other way round than they came (P2). */
export function removalOf(
  situation: Situation,
  version: Version,
  why: Removal["why"],
  instances: readonly Instance[],
): Removal {
  const roleOfInstance = (instance: Instance): Role => {
    const transfer = situation.transfers.find(({ id }) => id === instance.transfer);
    return transfer === undefined ? "addon" : roleOf(transfer.target);
  };
  const ordered = [...instances].sort((a, b) => roleRank(roleOfInstance(b)) - roleRank(roleOfInstance(a)));
  return { version, why, instances: ordered };
}

/** The boot entries of a version and nothing else: the rest of it may be good, and is wanted when it is made whole. */
export function hidingOf(situation: Situation, version: Version): Removal {
  const entries = everythingOf(situation, version).filter((instance) => {
    const transfer = situation.transfers.find(({ id }) => id === instance.transfer);
    return transfer !== undefined && roleOf(transfer.target) === "entry";
  });
  return removalOf(situation, version, "incomplete", entries);
}
