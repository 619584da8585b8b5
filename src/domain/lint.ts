// `holdfast lint`: what is wrong, or will go wrong, with a set of definitions, each finding with a remedy.
import type { Transfer, Warning } from "../format/definitions.ts";
import { patternFields } from "../format/pattern.ts";
import { compareTargets, prefixWitness } from "./lint-targets.ts";
import { roleOf } from "./role.ts";
import { compareVersions } from "./version-order.ts";

export type LintCode =
  | "targets-overlap"
  | "overlap-unproven"
  | "retention-differs"
  | "entry-not-last"
  | "counter-not-in-name"
  | "counter-changes-length"
  | "counter-without-value"
  | "entry-not-counted"
  | "born-bad"
  | "too-few-tries"
  | "verify-off"
  | "plain-http"
  | "prefix-of-another"
  | "conf-not-read"
  | "no-version-possible"
  | "boot-path-fixed"
  | "setting-ignored";

export interface LintFinding {
  readonly code: LintCode;
  readonly severity: "error" | "warning";
  readonly files: readonly string[];
  readonly sentence: string;
  readonly remedy: string;
}

export interface LintInput {
  readonly enabled: readonly Transfer[];
  readonly warnings: readonly Warning[];
  /** `*.conf` transfers that are not read because there is a `.transfer`. */
  readonly unreadFiles?: readonly string[];
}

/** Fewer leave no room for a power cut or two before the first boot is judged (incident E5). */
const enoughTries = 3;

const error = (code: LintCode, files: readonly string[], sentence: string, remedy: string): LintFinding => {
  return { code, severity: "error", files, sentence, remedy };
};
const warning = (code: LintCode, files: readonly string[], sentence: string, remedy: string): LintFinding => {
  return { code, severity: "warning", files, sentence, remedy };
};

function pairs(transfers: readonly Transfer[]): readonly (readonly [Transfer, Transfer])[] {
  return transfers.flatMap((a, index) => transfers.slice(index + 1).map((b) => [a, b] as const));
}

function lintPair(a: Transfer, b: Transfer): readonly LintFinding[] {
  const files = [a.file, b.file];
  const found = compareTargets(a, b);
  if (found.kind === "disjoint") return [];
  const [left, right] = found.patterns;
  if (found.kind === "too-complex") {
    const sentence = `It cannot be proven that ${left} and ${right} have no name in common`;
    return [warning("overlap-unproven", files, sentence, "Use fewer wildcards in the two patterns.")];
  }
  const sentence = `${left} and ${right} both match ${found.witness}, so one transfer may take the other's file for its own`;
  return [
    error(
      "targets-overlap",
      files,
      sentence,
      "Give the two targets names that differ in a fixed part, or folders of their own.",
    ),
  ];
}

function lintSourcePair(a: Transfer, b: Transfer): readonly LintFinding[] {
  if (a.source.path !== b.source.path) return [];
  const witness = prefixWitness(a.source.patterns, b.source.patterns);
  if (witness === undefined) return [];
  const sentence = `${witness} of ${b.id} begins with a name of ${a.id}; systemd-sysupdate before 261 takes the one for the other`;
  return [
    warning(
      "prefix-of-another",
      [a.file, b.file],
      sentence,
      "Keep the two in different folders of the repository, or update older systems with Holdfast only.",
    ),
  ];
}

function lintRetention(transfers: readonly Transfer[]): readonly LintFinding[] {
  const set = transfers.filter(({ target }) => target.instancesMax !== undefined);
  const counts = new Set(set.map(({ target }) => target.instancesMax));
  if (counts.size < 2) return [];
  const list = set.map(({ id, target }) => `${id} ${target.instancesMax}`).join(", ");
  const sentence = `InstancesMax= differs (${list}), so old versions would be left with parts of them gone`;
  return [
    error(
      "retention-differs",
      set.map(({ file }) => file),
      sentence,
      "Give every transfer the same InstancesMax=.",
    ),
  ];
}

function baseName({ file }: Transfer): string {
  return file.slice(file.lastIndexOf("/") + 1);
}

/** systemd-sysupdate installs in the order of file names; Holdfast goes by role and does not depend on them. */
function lintOrder(transfers: readonly Transfer[]): readonly LintFinding[] {
  const others = transfers.filter(({ target }) => roleOf(target) !== "entry");
  return transfers.flatMap((entry): readonly LintFinding[] => {
    if (roleOf(entry.target) !== "entry") return [];
    const late = others.filter((other) => baseName(other) > baseName(entry));
    if (late.length === 0) return [];
    const sentence = `systemd-sysupdate would publish the boot entry ${entry.id} before ${late.map(({ id }) => id).join(", ")}`;
    const remedy = "Name the file so that it sorts last, for example 90-.";
    return [warning("entry-not-last", [entry.file, ...late.map(({ file }) => file)], sentence, remedy)];
  });
}

function lintCounting({ id, file, source, target }: Transfer): readonly LintFinding[] {
  const first = target.patterns[0];
  if (first === undefined || roleOf(target) !== "entry") return [];
  const fields = patternFields(first);
  const { triesLeft } = target;
  if (triesLeft === undefined) {
    if (source.patterns.every((pattern) => patternFields(pattern).has("l"))) return [];
    return fields.has("l")
      ? [
          error(
            "counter-without-value",
            [file],
            `${first.text} has @l, but nothing says how many tries`,
            "Add TriesLeft=3.",
          ),
        ]
      : [
          warning(
            "entry-not-counted",
            [file],
            `Boots of ${id} are not counted: a bad version would boot for ever`,
            "Add TriesLeft=3, and +@l-@d before the suffix of the first MatchPattern=.",
          ),
        ];
  }
  if (triesLeft === 0)
    return [error("born-bad", [file], `TriesLeft=0 of ${id} makes every new entry a bad one`, "Set TriesLeft=3.")];
  const few =
    triesLeft < enoughTries
      ? [
          warning(
            "too-few-tries",
            [file],
            `TriesLeft=${triesLeft} of ${id} lets a power cut or two mark a good version bad`,
            "Set TriesLeft=3 or more.",
          ),
        ]
      : [];
  if (!fields.has("l")) {
    return [
      ...few,
      error(
        "counter-not-in-name",
        [file],
        `TriesLeft= of ${id} has no effect: ${first.text} has no @l`,
        "Write +@l-@d before the suffix of the first MatchPattern=.",
      ),
    ];
  }
  if (!fields.has("d")) {
    return [
      ...few,
      warning(
        "counter-changes-length",
        [file],
        `${first.text} has no @d, so the first boot makes the name longer, which is not safe on FAT`,
        "Write +@l-@d before the suffix, and set TriesDone=0.",
      ),
    ];
  }
  return few;
}

function lintTransfer({ id, file, verify, source, target, minVersion, maxVersion }: Transfer): readonly LintFinding[] {
  const found: LintFinding[] = [];
  const http = /^http:/i.test(source.path);
  if (!verify && http) {
    found.push(
      error(
        "plain-http",
        [file],
        `${id} comes over plain HTTP and Verify=no: anyone on the way can replace it`,
        "Sign the repository and remove Verify=no, or use https.",
      ),
    );
  } else if (!verify) {
    found.push(
      warning(
        "verify-off",
        [file],
        `Verify=no: what ${id} installs is shown as unproven for ever`,
        "Sign the repository and remove Verify=no.",
      ),
    );
  }
  if (minVersion !== undefined && maxVersion !== undefined && compareVersions(minVersion, maxVersion) > 0) {
    found.push(
      error(
        "no-version-possible",
        [file],
        `MinVersion=${minVersion} of ${id} is above MaxVersion=${maxVersion}`,
        "Remove one of the two.",
      ),
    );
  }
  if (roleOf(target) !== "image" && target.pathRelativeTo === "root") {
    found.push(
      warning(
        "boot-path-fixed",
        [file],
        `Path=${target.path} of ${id} is right only where the ESP is mounted there`,
        "Use a Path= below the ESP and PathRelativeTo=boot.",
      ),
    );
  }
  return found;
}

/** Findings of all enabled transfers, in a fixed order. Whatever cannot be read at all is a Fault of the parsers. */
export function lint({ enabled, warnings, unreadFiles = [] }: LintInput): readonly LintFinding[] {
  return [
    ...pairs(enabled).flatMap(([a, b]) => lintPair(a, b)),
    ...lintRetention(enabled),
    ...enabled.flatMap(lintCounting),
    ...enabled.flatMap(lintTransfer),
    ...lintOrder(enabled),
    ...enabled.flatMap((a) => enabled.flatMap((b) => lintSourcePair(a, b))),
    ...unreadFiles.map((file) =>
      warning(
        "conf-not-read",
        [file],
        `${file} is not read, because there are .transfer files`,
        "Rename it to end in .transfer.",
      ),
    ),
    ...warnings.map(({ file, line, message }) =>
      warning(
        "setting-ignored",
        [file],
        `${file}${line === undefined ? "" : `:${line}`}: ${message}`,
        "Correct or remove the line.",
      ),
    ),
  ];
}
