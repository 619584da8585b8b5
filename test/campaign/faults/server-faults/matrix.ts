// Every fault with every resource, several at a time; those that wait for time-outs wait together.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SeededRandom } from "../../../../src/base/random.ts";
import { makeSmallRelease } from "../../../../tools/lab/small-release.ts";
import type { LabRelease } from "../../../../tools/lab/release.ts";
import { Repository } from "../../../../tools/lab/repository.ts";
import { canMount } from "../../../e2e/mounts.ts";
import type { World } from "../../../e2e/world.ts";
import type { Subject } from "../../peers/peer.ts";
import { allOf } from "../all-of.ts";
import { withIndexApart } from "../layout.ts";
import { type Cell, runCell } from "./cell.ts";
import { type ServerFault, serverFaults } from "./faults.ts";
import { encodings, type ListedResource, type Place, type Releases, type Resource, resources } from "./resource.ts";

export interface Pair<Own extends Resource = ListedResource> {
  readonly fault: ServerFault;
  readonly resource: Own;
}

export function pairsOf(wanted: (pair: Pair) => boolean = () => true): readonly Pair[] {
  return pairsWith(resources, wanted);
}

/** Endless answers only where the machine gets a small disk of its own. */
export function pairsWith<Own extends Resource>(
  all: readonly Own[],
  wanted: (pair: Pair<Own>) => boolean = () => true,
): readonly Pair<Own>[] {
  return serverFaults
    .flatMap((fault) => all.map((resource): Pair<Own> => ({ fault, resource })))
    .filter(({ fault, resource }) => fault.concerns?.(resource) ?? true)
    .filter(({ fault }) => fault.endless !== true || canMount)
    .filter(wanted);
}

export interface Contents {
  /** What a well server sends, by path below it, and the same of another publication. */
  readonly bytes: ReadonlyMap<string, Buffer>;
  readonly others: ReadonlyMap<string, Buffer>;
}

/** Once for all cells: what each resource is, and what it is in a repository that was published again. */
export async function contentsOf(world: World, releases: Releases): Promise<Contents> {
  const bytes = new Map<string, Buffer>();
  const others = new Map<string, Buffer>();
  const again = withIndexApart(
    await makeSmallRelease(join(world.folder, "again"), { version: "3", index: true, seed: 7 }),
  );
  for (const encoding of encodings) {
    const offered = [...releases.installed, releases.published[encoding]];
    for (const [into, published] of [
      [bytes, offered],
      [others, [...releases.installed, again]],
    ] as const) {
      const folder = join(world.folder, `contents-${encoding}-${into === bytes ? "now" : "then"}`);
      const repository = await Repository.create(folder, { key: world.key });
      await repository.publish(...published);
      for (const resource of resources.filter((own) => own.encoding === encoding)) {
        const path = into === others ? resource.path.replace(/\.(gz|xz|zst)$/, "") : resource.path;
        into.set(resource.path, await readFile(join(folder, path)));
      }
    }
  }
  return { bytes, others };
}

export interface MatrixRequest<Own extends Resource = ListedResource> {
  readonly subject: Subject;
  readonly place: (resource: Own) => Promise<Place>;
  /** Version 3. */
  readonly target: LabRelease;
  readonly contents: Contents;
  readonly pairs: readonly Pair<Own>[];
  readonly seed: number;
  /** Cells at a time, and how many of those that mostly wait. */
  readonly atOnce: number;
  readonly waiting: number;
  readonly onCell?: (cell: Cell) => void;
}

export async function runMatrix<Own extends Resource>(request: MatrixRequest<Own>): Promise<readonly Cell[]> {
  const { subject, target, contents, pairs, onCell } = request;
  const random = new SeededRandom(request.seed);
  const drawn = pairs.map((pair) => ({ ...pair, draw: random.next() }));
  const run = async ({ fault, resource, draw }: Pair<Own> & { readonly draw: number }): Promise<Cell> => {
    const [bytes, other] = [contents.bytes.get(resource.path), contents.others.get(resource.path)];
    if (bytes === undefined || other === undefined) throw new Error(`${resource.path} was never published`);
    const rules = fault.rules({ resource, bytes, other, draw });
    const place = (): Promise<Place> => request.place(resource);
    const cell = await runCell({ subject, place, target, resource, fault: fault.name, rules });
    onCell?.(cell);
    return cell;
  };
  const slow = drawn.filter(({ fault }) => fault.slow === true);
  const quick = drawn.filter(({ fault }) => fault.slow !== true);
  const cells = await Promise.all([allOf(slow, request.waiting, run), allOf(quick, request.atOnce, run)]);
  return cells.flat();
}
