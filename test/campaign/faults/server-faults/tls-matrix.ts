// Every fault of a secure connection with every resource: a well server sends to a bad one for that resource only.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LabTls, makeTls } from "../../../../tools/lab/tls.ts";
import { Repository } from "../../../../tools/lab/repository.ts";
import type { World } from "../../../e2e/world.ts";
import { allOf } from "../all-of.ts";
import { holdfastSubject } from "../../peers/peer.ts";
import { type Cell, runCell } from "./cell.ts";
import { type ListedResource, makePlace, type Releases, resources } from "./resource.ts";
import { type TlsFault, tlsFaults } from "./tls-faults.ts";

export interface TlsPair {
  readonly fault: TlsFault;
  readonly resource: ListedResource;
}

export const tlsPairs: readonly TlsPair[] = tlsFaults.flatMap((fault) =>
  resources.filter(({ encoding }) => encoding === "plain").map((resource): TlsPair => ({ fault, resource })),
);

export interface TlsRequest {
  readonly world: World;
  readonly releases: Releases;
  readonly pairs: readonly TlsPair[];
  readonly atOnce: number;
  readonly onCell?: (cell: Cell) => void;
}

export async function runTlsMatrix(request: TlsRequest): Promise<readonly Cell[]> {
  const { world, releases, pairs, atOnce, onCell } = request;
  const well: LabTls = await makeTls();
  const authority = join(world.folder, "authority.pem");
  await writeFile(authority, well.authority);
  const repository = await Repository.create(join(world.folder, "behind-tls"), { key: world.key });
  await repository.publish(...releases.installed, releases.target);
  return allOf(pairs, atOnce, async ({ fault, resource }) => {
    await using bad = await fault.start(repository.folder, well);
    const redirect = `${bad.url}${resource.path}`;
    const cell = await runCell({
      subject: holdfastSubject,
      place: () => makePlace(world, releases, "plain", { server: { tls: well } }),
      target: releases.target,
      resource,
      fault: `TLS: ${fault.name}`,
      rules: [
        { path: resource.path, redirect },
        { path: resource.path, redirect, method: "HEAD" },
      ],
      env: { NODE_EXTRA_CA_CERTS: authority },
    });
    onCell?.(cell);
    return cell;
  });
}
