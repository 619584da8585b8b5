// Puts the made-up versions where the definitions look for them: simulated servers, and folders of the simulated machine.
import { joinPath } from "../../base/machine-path.ts";
import { toBytes } from "../../base/text.ts";
import type { Transfer } from "../../format/definitions.ts";
import type { Digest } from "../../port/digest.ts";
import type { Content } from "../disk/content.ts";
import type { DiskTree } from "../disk/disk-tree.ts";
import { SimServer } from "../http/sim-server.ts";
import { type SimKey, simSign } from "../verifier/sim-verifier.ts";
import type { OwnRelease, Piece } from "./release.ts";

/** Where definitions with PathRelativeTo=explicit find their sources. */
export const explicitSource = "/run/simulated-source";
export const signingKey: SimKey = { fingerprint: "ABCD" };
const signedAtMs = Date.UTC(2026, 1, 20);

const isUrl = ({ source }: Transfer): boolean => source.type === "url-file" || source.type === "url-tar";

/** A folder of the machine that a transfer takes its resources from; `undefined` when it is a server's. */
export function localSource(transfer: Transfer): string | undefined {
  const { path, pathRelativeTo } = transfer.source;
  if (isUrl(transfer)) return path.startsWith("file://") ? decodeURIComponent(path.slice("file://".length)) : undefined;
  return pathRelativeTo === "explicit" ? joinPath(explicitSource, path) : path.replace(/\/+$/, "") || "/";
}

/** Servers with all of `releases`; what comes from local folders is planted into `tree`. */
export function publish(releases: readonly OwnRelease[], tree: DiskTree, digest: Digest): readonly SimServer[] {
  const servers = new Map<string, SimServer>();
  const lists = new Map<string, { readonly put: (name: string, content: Uint8Array) => void; lines: Set<string> }>();
  for (const piece of releases.flatMap(({ pieces }) => pieces)) {
    const local = localSource(piece.transfer);
    const key = local ?? piece.transfer.source.path;
    const { origin, folder } =
      local === undefined ? addressOf(piece.transfer.source.path) : { origin: "", folder: local };
    if (local !== undefined && isTreeSource(piece.transfer)) {
      plantTree(tree, local, piece);
      continue;
    }
    const server = servers.get(origin) ?? new SimServer(origin);
    if (local === undefined) servers.set(origin, server);
    const put = (name: string, content: Content | Uint8Array): void =>
      local === undefined ? server.put(`${folder}/${name}`, content) : tree.plant(joinPath(folder, name), content);
    put(piece.sourceName, piece.travels);
    const list = lists.get(key) ?? { put, lines: new Set() };
    lists.set(key, { put: list.put, lines: list.lines.add(`${piece.sha256}  ${piece.sourceName}\n`) });
  }
  for (const { put, lines } of lists.values()) {
    const manifest = toBytes([...lines].join(""));
    put("SHA256SUMS", manifest);
    put("SHA256SUMS.gpg", simSign(digest, signingKey, manifest, signedAtMs));
  }
  return [...servers.values()];
}

function isTreeSource({ source }: Transfer): boolean {
  return source.type === "directory" || source.type === "subvolume";
}

function plantTree(tree: DiskTree, folder: string, { sourceName, files }: Piece): void {
  for (const [name, content] of files ?? []) tree.plant(joinPath(folder, `${sourceName}/${name}`), content);
}

function addressOf(path: string): { readonly origin: string; readonly folder: string } {
  const url = new URL(path);
  return { origin: url.origin, folder: decodeURIComponent(url.pathname).replace(/\/+$/, "") };
}
