// Part of the campaign: what a server can do wrong, with each resource, for Holdfast and for systemd-sysupdate (issue 3).
import { canMount } from "../../../e2e/mounts.ts";
import { World } from "../../../e2e/world.ts";
import type { Findings, Headline, Part, PartOptions, Table } from "../../part.ts";
import { findPeers, holdfastSubject, type SubjectName } from "../../peers/peer.ts";
import type { Cell } from "./cell.ts";
import { problemsOf } from "./judge.ts";
import { contentsOf, pairsOf, pairsWith, runMatrix } from "./matrix.ts";
import { publishedPlace, publishedResources, publishReleases } from "./published-resources.ts";
import { type ListedResource, makePlace, makeReleases, type Place } from "./resource.ts";
import { runTlsMatrix, tlsPairs } from "./tls-matrix.ts";

type Cells = ReadonlyMap<SubjectName, readonly Cell[]>;

export const part: Part = {
  name: "server-faults",
  title: "A server that fails, in every way, with every resource",
  tools: [],
  run,
};

async function run({ seed, scale, say }: PartOptions): Promise<Findings> {
  await using world = await World.create();
  const releases = await makeReleases(world);
  const contents = await contentsOf(world, releases);
  const { peers, notTried } = await findPeers(say);
  const pairs = pairsOf().filter((_, index) => index % Math.max(1, Math.round(1 / scale)) === 0);
  const cells = new Map<SubjectName, readonly Cell[]>();
  for (const subject of [holdfastSubject, ...peers]) {
    say(`${subject.title}: ${pairs.length} faults`);
    const place = ({ encoding }: ListedResource): Promise<Place> => makePlace(world, releases, encoding);
    const { target } = releases;
    const done = await runMatrix({ subject, place, target, contents, pairs, seed, atOnce: 4, waiting: 16 });
    cells.set(subject.name, done);
    say(`${subject.title}: ${healedOf(done)} healed`);
  }
  const tls = await runTlsMatrix({ world, releases, pairs: scale < 1 ? tlsPairs.slice(0, 7) : tlsPairs, atOnce: 4 });
  const made = await publishedCells(world, { seed, scale, say });
  const own = [...(cells.get("holdfast") ?? []), ...tls, ...made];
  const wrong = own.flatMap(problemsOf);
  return {
    headlines: headlines(cells, own),
    told:
      `Version 3 is offered to a machine with 1 and 2 in KDE Linux's layout (chunk index, image, UKI; the image also as ` +
      `.gz, .xz and .zst) by a server that does one thing wrong with one file. Then the server is well again, and the ` +
      `next plain \`update\` has to finish: version 3 and 2 boot, every byte compared, nothing left over. Memory is that ` +
      `of all processes together, from outside. ${pairs.length} faults without and ${tls.length} with TLS, which ` +
      `systemd-sysupdate was not asked for; and ${made.length} in a repository that \`holdfast repo\` made, with its index, ` +
      "manifests, deltas and chunks. Where a fault befalls what chunks need, the delta is not there, and where it befalls " +
      "the image, chunks are not there either.",
    tables: [table(cells, own)],
    wrong,
    notTried: [...notTried, ...(canMount ? [] : ["answers of 10 GB: only root may mount a disk that is small enough"])],
  };
}

async function publishedCells(world: World, { seed, scale, say }: PartOptions): Promise<readonly Cell[]> {
  const releases = await publishReleases(world);
  const every = Math.max(1, Math.round(1 / scale));
  const pairs = pairsWith(publishedResources).filter((_, index) => index % every === 0);
  say(`${pairs.length} faults in a repository that holdfast repo made`);
  const { target, contents } = releases;
  const place = (): Promise<Place> => publishedPlace(world, releases);
  const request = { subject: holdfastSubject, place, target, contents, pairs, seed, atOnce: 4, waiting: 16 };
  const cells = await runMatrix(request);
  say(`${healedOf(cells)} healed`);
  return cells;
}

const byText = (a: string, b: string): number => a.localeCompare(b);
const healedOf = (cells: readonly Cell[]): string =>
  `${cells.filter(({ healed }) => healed).length} of ${cells.length}`;

/** One line of the comparison: a number of each of them, on the faults that all of them saw. */
function headline(cells: Cells, question: string, count: (cells: readonly Cell[]) => string, kept: boolean): Headline {
  const of = (name: SubjectName): string | undefined => {
    const own = cells.get(name);
    return own === undefined ? undefined : count(own);
  };
  const [sysupdate257, sysupdate262] = [of("sysupdate257"), of("sysupdate262")];
  return {
    question,
    holdfast: of("holdfast") ?? "",
    kept,
    ...(sysupdate257 === undefined ? {} : { sysupdate257 }),
    ...(sysupdate262 === undefined ? {} : { sysupdate262 }),
  };
}

function headlines(cells: Cells, own: readonly Cell[]): readonly Headline[] {
  const number = (test: (cell: Cell) => boolean) => (of: readonly Cell[]) => String(of.filter(test).length);
  const failed = (of: readonly Cell[]): readonly Cell[] => of.filter(({ atOnce }) => !atOnce);
  const empty = (cell: Cell): boolean => cell.fault === "nothing, with status 200" && cell.resource === "SHA256SUMS";
  const said = (of: readonly Cell[]): string => {
    const cell = of.find(empty);
    return cell === undefined ? "not tried" : `exit ${cell.first.code ?? "none"}`;
  };
  const most = (of: readonly Cell[]): string => `${Math.max(0, ...of.map(({ first }) => first.peakBytes)) >> 20} MiB`;
  const longest = (of: readonly Cell[]): string =>
    of.some(({ first }) => first.hung)
      ? `${of.filter(({ first }) => first.hung).length} without end`
      : `${Math.round(Math.max(0, ...of.map(({ first }) => first.seconds)))} s`;
  return [
    headline(
      cells,
      "server faults after which the next plain update heals",
      healedOf,
      own.every(({ healed }) => healed),
    ),
    headline(
      cells,
      "exit 0 without the new version",
      number(({ lied }) => lied),
      !own.some(({ lied }) => lied),
    ),
    headline(
      cells,
      "server faults that leave a BROKEN entry",
      number(({ broken }) => broken.length > 0),
      own.every(({ broken }) => broken.length === 0),
    ),
    headline(
      cells,
      "updates failed by a server that cost the fallback",
      (of) => `${failed(of).filter(({ fallbackLost }) => fallbackLost).length} of ${failed(of).length}`,
      !own.some(({ fallbackLost }) => fallbackLost),
    ),
    headline(cells, "an empty manifest", said, own.find(empty)?.first.code !== 0),
    headline(cells, "the longest a faulty server could hold an update", longest, !own.some(({ first }) => first.hung)),
    headline(
      cells,
      "most memory that a faulty server could make it take",
      most,
      own.every((cell) => problemsOf(cell).length === 0),
    ),
  ];
}

function table(cells: Cells, own: readonly Cell[]): Table {
  const faults = [...new Set(own.map(({ fault }) => fault))];
  const share = (of: readonly Cell[], fault: string): string => {
    const mine = of.filter((cell) => cell.fault === fault);
    return mine.length === 0 ? "" : healedOf(mine);
  };
  return {
    caption: "Healed by the next plain update, of the resources that the fault befell",
    columns: [
      "fault",
      "Holdfast: at once",
      "healed",
      "exit codes",
      "longest, s",
      "most, MiB",
      "257: healed",
      "262: healed",
    ],
    rows: faults.map((fault) => {
      const mine = own.filter((cell) => cell.fault === fault);
      return [
        fault,
        mine.filter(({ atOnce }) => atOnce).length,
        healedOf(mine),
        [...new Set(mine.map(({ first }) => String(first.code ?? "none")))].toSorted(byText).join(", "),
        Math.round(Math.max(...mine.map(({ first }) => first.seconds))),
        Math.max(...mine.map(({ first }) => first.peakBytes)) >> 20,
        share(cells.get("sysupdate257") ?? [], fault),
        share(cells.get("sysupdate262") ?? [], fault),
      ];
    }),
  };
}
