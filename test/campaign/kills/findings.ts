// What the kill campaign found, as the page of the campaign shows it.
import type { Findings, Table } from "../part.ts";
import type { CampaignReport } from "./kills.ts";
import type { Row } from "./tally.ts";

/** `isWhole`: every place was meant to be hit. */
export function findingsOf({ rows, skipped }: CampaignReport, isWhole: boolean): Findings {
  const sum = (count: (row: Row) => number): number => rows.reduce((total, row) => total + count(row), 0);
  const kills = sum((row) => row.kills);
  const [places, beforeCalls] = [sum((row) => row.places), sum((row) => row.beforeCalls)];
  const none = (question: string, count: number): Findings["headlines"][number] => ({
    question,
    holdfast: `${count} of ${kills}`,
    kept: count === 0 && kills > 0,
  });
  const unfinished = sum((row) => row.problems.unfinished + row.problems.held);
  return {
    headlines: [
      none(
        "an entry is BROKEN after a SIGKILL, at once or later",
        sum((row) => row.problems.broken),
      ),
      none(
        "a version that is to survive does not boot",
        sum((row) => row.problems.wayBack),
      ),
      {
        question: "the next plain `update` ends well, and the work is finished",
        holdfast: `${kills - unfinished} of ${kills}`,
        kept: unfinished === 0 && kills > 0,
      },
      none(
        "something is left over in the end",
        sum((row) => row.problems.leftOver),
      ),
      {
        question: "places before a rename, unlink, fsync or write that were killed at",
        holdfast: `${beforeCalls} of ${places}`,
        kept: !isWhole || beforeCalls === places,
      },
    ],
    told: told(rows),
    tables: [killsTable(rows), callsTable(rows)],
    wrong: rows.flatMap(({ failures }) => failures),
    notTried: notTried(rows, skipped),
  };
}

function told(rows: readonly Row[]): string {
  const sum = (count: (row: Row) => number): number => rows.reduce((total, row) => total + count(row), 0);
  const systems = [...new Set(rows.map(({ fileSystem }) => fileSystem))].join(" and ");
  return `\`bin/holdfast\` was killed with SIGKILL ${sum((row) => row.kills)} times on ${systems}, on loop devices: \
${sum((row) => row.atMoments)} times at a moment drawn from the time that the undisturbed operation takes (half of them the process alone, half \
with its helpers), and ${sum((row) => row.beforeCalls)} times right before a system call that changes one of the machine's files, which strace \
finds in an undisturbed run. Each kill begins from a copy of the same disk. Then all entries and images are read and compared with what \
was published; a plain \`update\` is run, which has to end with 0, or with 3 where there is nothing newer, and, where it was another command \
that was killed, that command again before or after it, each in half of the runs; and what is there has to be what an undisturbed run \
leaves, in the folders of the targets and in Holdfast's own state.`;
}

function killsTable(rows: readonly Row[]): Table {
  return {
    caption: "Kills, and how far the operation had come by then",
    columns: [
      "file system",
      "operation",
      "undisturbed, ms",
      "at moments",
      "by fifths of the time",
      "before calls",
      "of places",
      "nothing changed",
      "staged",
      "in between",
      "complete",
      "wrong",
    ],
    rows: rows.map(({ stages, ...row }) =>
      [row.fileSystem, row.operation, row.ms, row.atMoments, row.fifths.join(" "), row.beforeCalls, row.places].concat([
        stages.untouched,
        stages.staged,
        stages.between,
        stages.complete,
        row.failures.length,
      ]),
    ),
  };
}

function callsTable(rows: readonly Row[]): Table {
  const calls = [...new Set(rows.flatMap((row) => Object.keys(row.calls)))].toSorted();
  const systems = [...new Set(rows.map(({ fileSystem }) => fileSystem))];
  const count = (fileSystem: string, call: string): number =>
    rows.filter((row) => row.fileSystem === fileSystem).reduce((total, row) => total + (row.calls[call] ?? 0), 0);
  return {
    caption: "Kills right before a system call",
    columns: ["file system", ...calls],
    rows: systems.map((fileSystem) => [fileSystem, ...calls.map((call) => count(fileSystem, call))]),
  };
}

function notTried(rows: readonly Row[], skipped: readonly string[]): readonly string[] {
  const unreached = rows.reduce((total, row) => total + row.unreached, 0);
  const hidden = rows.reduce((total, row) => total + row.hidden, 0);
  return [
    ...skipped,
    ...(unreached === 0 ? [] : [`${unreached} places that no later run came to in eight tries`]),
    ...(hidden === 0
      ? []
      : [
          `${hidden} calls on files with random names of which another thread makes one with the same count earlier: strace cannot name them`,
        ]),
  ];
}
