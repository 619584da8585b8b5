// What the power cuts found, as the page of the campaign shows it.
import type { Findings, Headline, Table } from "../part.ts";
import type { PowerCutReport } from "./power-cuts.ts";
import type { ProblemKind, Row } from "./tally.ts";

const ours = ({ updater }: Row): boolean => updater === "Holdfast";

export function findingsOf(report: PowerCutReport): Findings {
  const { rows, guestUpdates, notTried } = report;
  const mine = rows.filter(ours);
  const lost = (row: Row): number => row.wrong.mount;
  return {
    headlines: [
      question("an entry that the loader starts is BROKEN after a power cut", rows, "broken"),
      question("a version that is to survive does not boot after a power cut", rows, "wayBack"),
      nextRuns(report),
      {
        question: "disks judged, no two alike, that did not mount",
        holdfast: `${sum(mine, lost)} of ${sum(mine, ({ states }) => states)}`,
        kept: sum(mine, lost) === 0 && mine.length > 0,
      },
    ],
    told: told(report),
    tables: [rowsTable(rows), classesTable(report), updatesTable(report)].filter(({ rows: lines }) => lines.length > 0),
    wrong: [
      ...mine.flatMap((row) => row.told),
      ...guestUpdates.flatMap(({ operation, className, problems }) =>
        problems.map((text) => `in a guest, ${operation} left ${className}: ${text}`),
      ),
    ],
    notTried,
  };
}

const sum = (rows: readonly Row[], count: (row: Row) => number): number =>
  rows.reduce((total, row) => total + count(row), 0);

function question(text: string, rows: readonly Row[], kind: ProblemKind): Headline {
  const answer = (title: string): string | undefined => {
    const chosen = rows.filter(({ updater }) => updater === title);
    const states = sum(chosen, (row) => row.states);
    return states === 0 ? undefined : `${sum(chosen, ({ wrong }) => wrong[kind])} of ${states}`;
  };
  const [sysupdate257, sysupdate262] = [257, 262].map((version) => answer(`systemd-sysupdate ${version}`));
  const mine = rows.filter(ours);
  return {
    question: text,
    holdfast: answer("Holdfast") ?? "not tried",
    kept: mine.length > 0 && sum(mine, ({ wrong }) => wrong[kind]) === 0,
    ...(sysupdate257 === undefined ? {} : { sysupdate257 }),
    ...(sysupdate262 === undefined ? {} : { sysupdate262 }),
  };
}

function nextRuns({ rows, guestUpdates }: PowerCutReport): Headline {
  const mine = rows.filter(ours);
  const runs = sum(mine, (row) => row.nextRuns) + guestUpdates.length;
  const failed =
    sum(mine, ({ wrong }) => wrong.unfinished + wrong.leftOver) +
    guestUpdates.filter(({ problems }) => problems.length > 0).length;
  return {
    question: "the next plain `update` finishes the work and leaves nothing over",
    holdfast: `${runs - failed} of ${runs}`,
    kept: failed === 0 && runs > 0,
  };
}

function told({ rows, guestSeconds, guestUpdates }: PowerCutReport): string {
  const mine = rows.filter(ours);
  const guest =
    guestSeconds === undefined
      ? ""
      : ` In a virtual machine (Debian's kernel under QEMU, no KVM) \`bin/holdfast\` updates a disk with a FAT ESP and an ext4 \
system, on the kernel's own drivers; the log is of the whole disk, so that what is written to the one is ordered against the other. \
Of its states the ESP is read as the loader reads it, before and after \`fsck.fat -a\`; ${guestUpdates.length} of them, each with \
another look of the ESP, were started again and updated there.`;
  return `Every write and flush of a disk is recorded by QEMU's blklogwrites while a command runs on it. From the record the disk is \
rebuilt as a power cut may leave it: at every flush, and between flushes with any part of what was not flushed yet, in any order, torn at \
4 KiB on ext4 and btrfs and at 512 bytes on FAT. ${sum(mine, (row) => row.states)} such disks, no two alike, \
${sum(mine, (row) => row.atFlushes)} of them right after a flush. On the host they are mounted and every entry and image is compared with what was \
published; where the tree of files is one not seen before in this recording (${sum(mine, ({ trees }) => trees)} are distinct, a file being absent, \
empty, zero, begun, with holes, whole or other), the next commands are given.${guest} \
A script that copies entry and image and flushes once at the end is judged by the same rules: it shows that they find what is wrong. A name \
that the loader passes over (an empty file, or one whose clusters are free, as FAT leaves it in the middle of a removal) is counted apart.`;
}

function rowsTable(rows: readonly Row[]): Table {
  return {
    caption: "Power cuts, by recording",
    columns: [
      "updater",
      "file system",
      "operation",
      "writes",
      "flushes",
      "disks",
      "at a flush",
      "distinct trees",
      "next runs",
      "broken",
      "way back lost",
      "unfinished",
      "left over",
      "names passed over",
    ],
    rows: rows.map(({ wrong, ...row }) => [
      row.updater,
      row.fileSystem,
      row.operation,
      row.writes,
      row.flushes,
      row.states,
      row.atFlushes,
      row.trees,
      row.nextRuns,
      wrong.broken,
      wrong.wayBack,
      wrong.unfinished,
      wrong.leftOver,
      wrong.dead,
    ]),
  };
}

function classesTable({ classes }: PowerCutReport): Table {
  return {
    caption: "What the ESP's folder of entries looked like after a power cut in the guest",
    columns: ["operation", "names = content", "disks"],
    rows: [...classes].flatMap(([operation, seen]) => [...seen].map(([name, count]) => [operation, name, count])),
  };
}

function updatesTable({ guestUpdates }: PowerCutReport): Table {
  return {
    caption: "Updated again in a guest",
    columns: ["operation that was cut", "names = content", "exit code", "problems"],
    rows: guestUpdates.map(({ operation, className, code, problems }) => [
      operation,
      className,
      code ?? "none",
      problems.length,
    ]),
  };
}
