// The comparison as the page shows it: a headline a question, with a column for each updater.
import type { Findings, Headline, Table } from "../part.ts";
import { count, type Counts, type Interrupted } from "./measures.ts";
import type { SubjectName } from "./peer.ts";

export interface Compared {
  readonly subject: SubjectName;
  /** Undisturbed. */
  readonly ms: number;
  /** Nothing disturbed it, and it ended with 0 and a BROKEN entry. */
  readonly prefixedIndex: boolean;
  readonly atMoments: Counts;
  /** Before renames and flushes. */
  readonly beforeFlushes: Counts;
  readonly beforeRemovals: Counts;
  readonly interrupted: Interrupted;
}

/** What of how many; what is promised of Holdfast is none of them or all. */
interface Question {
  readonly text: string;
  readonly wanted: "none" | "all";
  readonly answer: (compared: Compared) => readonly [count: number, total: number];
}

const of = (counts: Counts, which: Exclude<keyof Counts, "runs" | "ways">): readonly [number, number] => [
  counts[which],
  counts.runs,
];

const moment = "SIGKILL at a random moment of an update";
const questions: readonly Question[] = [
  { text: `${moment}: BROKEN entry right after`, wanted: "none", answer: ({ atMoments }) => of(atMoments, "broken") },
  {
    text: `${moment}: fewer than the two versions boot that did before`,
    wanted: "none",
    answer: ({ atMoments }) => of(atMoments, "fallbackLost"),
  },
  {
    text: `${moment}: the next plain update completes`,
    wanted: "all",
    answer: ({ atMoments }) => of(atMoments, "completes"),
  },
  {
    text: `${moment}: only a manual \`vacuum\` gets on`,
    wanted: "none",
    answer: ({ atMoments }) => of(atMoments, "vacuumHelps"),
  },
  {
    text: `${moment}: the next update ends with 0 and a BROKEN entry`,
    wanted: "none",
    answer: ({ atMoments }) => of(atMoments, "falseSuccess"),
  },
  {
    text: "SIGKILL before every rename and flush: a later update ends with 0 and a BROKEN entry",
    wanted: "none",
    answer: ({ beforeFlushes }) => of(beforeFlushes, "falseSuccess"),
  },
  {
    text: "SIGKILL before every rename and flush: the next plain update completes",
    wanted: "all",
    answer: ({ beforeFlushes }) => of(beforeFlushes, "completes"),
  },
  {
    text: "SIGKILL in the middle of removing an old version: BROKEN entry",
    wanted: "none",
    answer: ({ beforeRemovals }) => of(beforeRemovals, "broken"),
  },
  {
    text: "Ctrl-C during the download: the next plain update completes",
    wanted: "all",
    answer: ({ interrupted }) => of(count(interrupted.outcomes), "completes"),
  },
  {
    text: "Ctrl-C during the download: the next update resumes it",
    wanted: "all",
    answer: ({ interrupted }) => [interrupted.resumed, interrupted.begun],
  },
  {
    text: "nothing disturbs it, and the chunk index is named `os_3.erofs.caibx`: ends with 0 and a BROKEN entry",
    wanted: "none",
    answer: ({ prefixedIndex }) => [prefixedIndex ? 1 : 0, 1],
  },
];

export function findingsOf(compared: readonly Compared[], notTried: readonly string[]): Findings {
  const own = compared.find(({ subject }) => subject === "holdfast");
  const wrong = own === undefined ? [] : notCompleted(own).map((row) => row.slice(1).join(": "));
  return {
    headlines: questions.map((question) => headline(question, compared)),
    told,
    tables: [waysTable(compared)],
    wrong,
    notTried: [
      ...notTried,
      "kills before the system calls of systemd-pull, the download helper of systemd-sysupdate; those at random moments hit it, too",
    ],
  };
}

function headline({ text, wanted, answer }: Question, compared: readonly Compared[]): Headline {
  const values = new Map(compared.map((each) => [each.subject, answer(each)]));
  const cell = (subject: SubjectName): string => {
    const [value, total] = values.get(subject) ?? [0, 0];
    return total === 0 ? "none came to it" : `${value} of ${total}`;
  };
  const [value, total] = values.get("holdfast") ?? [0, 0];
  return {
    question: text,
    holdfast: cell("holdfast"),
    kept: total > 0 && value === (wanted === "all" ? total : 0),
    ...(values.has("sysupdate257") ? { sysupdate257: cell("sysupdate257") } : {}),
    ...(values.has("sysupdate262") ? { sysupdate262: cell("sysupdate262") } : {}),
  };
}

const titles: Readonly<Record<SubjectName, string>> = {
  sysupdate257: "systemd-sysupdate 257",
  sysupdate262: "systemd-sysupdate 262",
  holdfast: "Holdfast",
};

function notCompleted({ subject, ...rest }: Compared): readonly (readonly [string, string, string, number])[] {
  const kinds: readonly (readonly [string, Counts])[] = [
    ["at a random moment", rest.atMoments],
    ["before a rename or flush", rest.beforeFlushes],
    ["before a removal", rest.beforeRemovals],
    ["by Ctrl-C", count(rest.interrupted.outcomes)],
  ];
  return kinds.flatMap(([kind, { ways }]) =>
    [...ways].map(([how, times]) => [titles[subject], `interrupted ${kind}`, how, times] as const),
  );
}

function waysTable(compared: readonly Compared[]): Table {
  return {
    caption: "How the next plain update ended where it did not complete",
    columns: ["updater", "the update before", "the next update", "times"],
    rows: compared.flatMap(notCompleted),
  };
}

const told = `Each updater gets the same machine: versions 1 and 2 installed, 2 running and protected (\`ProtectVersion=%A\`), room for \
two versions (\`InstancesMax=2\`), version 3 on offer from a signed repository; three transfers as KDE Linux has them, chunk index, root image, \
UKI last. The machine is copied anew for each run, interrupted once, and judged by one program that knows nothing of any updater: it reads \
every entry and image and compares them with what was published. Then comes a plain \`update\`; where that does not complete, \`vacuum\` and another \
\`update\`. "Completes" means that it ends with 0, version 3 boots and no entry is BROKEN. Half of the random kills hit the updater alone, \
half its helpers with it. In all rows but the last the index is called \`os_3.caibx\`: as \`os_3.erofs.caibx\`, whose name begins like the image's, \
systemd-sysupdate 257 takes it for the image and every update leaves a BROKEN entry, interrupted or not.`;
