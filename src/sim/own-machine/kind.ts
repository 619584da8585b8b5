// What kind of resource a transfer brings, told from its definition: for sizes nobody has said, and for contents that fit.
import type { Transfer } from "../../format/definitions.ts";
import { partitionTypeName } from "../../format/partition-types.ts";
import { bootFolder, roleOf } from "../../domain/role.ts";

export type ResourceKind = "uki" | "conf" | "addon" | "kernel" | "image" | "verity" | "verity-sig" | "index" | "tree";

const mebibyte = 1024 * 1024;

/** What is typical; the report says where one of these was taken. */
export const typicalBytes: Readonly<Record<ResourceKind, number>> = {
  uki: 80 * mebibyte,
  conf: 1024,
  addon: mebibyte / 8,
  kernel: 64 * mebibyte,
  image: 1536 * mebibyte,
  verity: 16 * mebibyte,
  "verity-sig": mebibyte / 64,
  index: 4 * mebibyte,
  tree: 1024 * mebibyte,
};

export function kindOf({ source, target }: Transfer): ResourceKind {
  const role = roleOf(target);
  const names = [...source.patterns, ...target.patterns].map(({ text }) => text.toLowerCase());
  if (role === "entry") return names.some((name) => name.endsWith(".conf")) ? "conf" : "uki";
  if (role === "addon") return "addon";
  if (target.type === "directory" || target.type === "subvolume") return "tree";
  if (bootFolder(target) !== undefined) return "kernel";
  const type = target.partitionType === undefined ? "" : (partitionTypeName(target.partitionType) ?? "");
  const said = [type, ...names];
  if (said.some((word) => /verity[-_.]?sig/.test(word))) return "verity-sig";
  if (said.some((word) => word.includes("verity"))) return "verity";
  return names.some((name) => /\.(?:caibx|caidx|zsync)(?:\.|$)/.test(name)) ? "index" : "image";
}

export type Packing = "gz" | "xz" | "zst" | "bz2";

const packings: readonly (readonly [RegExp, Packing])[] = [
  [/\.(?:gz|tgz)$/, "gz"],
  [/\.(?:xz|txz)$/, "xz"],
  [/\.(?:zst|tzst)$/, "zst"],
  [/\.(?:bz2|tbz2)$/, "bz2"],
];

/** How the source is compressed, as far as its name says. */
export function packingOf({ source }: Transfer): Packing | undefined {
  const text = source.patterns[0]?.text ?? "";
  return packings.find(([suffix]) => suffix.test(text))?.[1];
}
