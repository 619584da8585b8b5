// What systemd-boot does next: the one pure model of it, for planner, audit, rollback, status, doctor and simulator
// (P5; interfaces D.8, checked against src/boot/boot.c and the measurements of boot-lab).
import type { BootEntry } from "./boot-graph.ts";
import { countDown, isBad, withTriesLeft } from "./entry-count.ts";
import { matchesLoaderPattern } from "./loader-glob.ts";
import { compareVersions } from "./version-order.ts";

/** What loader.conf says; keys that do not change the choice of an entry are left out. */
export interface LoaderConfig {
  readonly default?: string | undefined;
  readonly preferred?: string | undefined;
  readonly timeout?: string | undefined;
  /** What happens when an entry cannot be loaded; "no" with a loader before 258, which does not know the setting. */
  readonly rebootOnError?: "yes" | "no" | "auto" | undefined;
}

/** What the EFI variables say. */
export interface LoaderChoices {
  readonly default?: string | undefined;
  readonly preferred?: string | undefined;
  readonly oneShot?: string | undefined;
  readonly sysFail?: string | undefined;
  /** Whether the firmware reports a failure; without one `sysFail` is not looked at. */
  readonly sysFailed?: boolean | undefined;
  /** LoaderEntryLastBooted, which the default `@saved` stands for. */
  readonly lastBooted?: string | undefined;
}

export interface LoaderState {
  /** In the order in which the loader finds them: equal ones keep it. */
  readonly entries: readonly BootEntry[];
  readonly config: LoaderConfig;
  readonly choices: LoaderChoices;
  /** systemd-boot 260 and later know `preferred`. */
  readonly supportsPreferred: boolean;
  /** Who started the machine, when it says that it is not systemd-boot: then nothing here can be relied on. */
  readonly otherLoader?: string | undefined;
  /** Older ones keep the counter in an entry's id, so a pattern must match it too: 257.7 does, 257.13 does not. */
  readonly idsWithCounter?: boolean | undefined;
}

export type LoaderReason =
  | "one-shot"
  | "sysfail"
  | "preferred-variable"
  | "preferred-config"
  | "default-variable"
  | "default-config"
  | "order"
  | "nothing";

export interface Prediction {
  readonly menu: readonly BootEntry[];
  readonly next: BootEntry | undefined;
  readonly because: LoaderReason;
}

/** Absent sorts first, then by code unit, as the loader compares plain strings. */
function compareOptional(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return a < b ? -1 : 1;
}

function compareTries(a: BootEntry, b: BootEntry): number {
  if (a.tries === undefined || b.tries === undefined) return 0;
  return b.tries.left - a.tries.left || a.tries.done - b.tries.done;
}

function compareEntries(a: BootEntry, b: BootEntry, idOf: (entry: BootEntry) => string): number {
  const bad = Number(isBad(a)) - Number(isBad(b));
  if (bad !== 0) return bad;
  const oldStyle = Number(a.sortKey === undefined) - Number(b.sortKey === undefined);
  if (oldStyle !== 0) return oldStyle;
  if (a.sortKey !== undefined) {
    const order =
      compareOptional(a.sortKey, b.sortKey) ||
      compareOptional(a.machineId, b.machineId) ||
      compareVersions(b.version ?? "", a.version ?? "");
    if (order !== 0) return order;
  }
  return compareVersions(idOf(b), idOf(a)) || compareTries(a, b);
}

function idReader(idsWithCounter: boolean | undefined): (entry: BootEntry) => string {
  return idsWithCounter === true ? (entry) => entry.fileName.toLowerCase() : (entry) => entry.id.toLowerCase();
}

/** The menu in the loader's order. What it ignores is not in it. */
export function sortMenu(entries: readonly BootEntry[], idsWithCounter?: boolean): readonly BootEntry[] {
  const idOf = idReader(idsWithCounter);
  return entries.filter((entry) => entry.loadable.kind !== "ignored").sort((a, b) => compareEntries(a, b, idOf));
}

interface Rule {
  readonly because: LoaderReason;
  readonly pattern: string | undefined;
  readonly skipsBad: boolean;
}

/** In the order of the loader. Only `preferred` looks at the counters; a default that is bad is booted all the same. */
function rules({ config, choices, supportsPreferred }: LoaderState): readonly Rule[] {
  const saved = (pattern: string | undefined): string | undefined =>
    pattern?.toLowerCase() === "@saved" ? choices.lastBooted : pattern;
  const preferred: readonly Rule[] = [
    { because: "preferred-variable", pattern: choices.preferred, skipsBad: true },
    { because: "preferred-config", pattern: config.preferred, skipsBad: true },
  ];
  return [
    { because: "sysfail", pattern: choices.sysFailed === true ? choices.sysFail : undefined, skipsBad: false },
    { because: "one-shot", pattern: choices.oneShot, skipsBad: false },
    ...(supportsPreferred ? preferred : []),
    { because: "default-variable", pattern: saved(choices.default), skipsBad: false },
    { because: "default-config", pattern: saved(config.default), skipsBad: false },
  ];
}

/** What the loader starts at the next boot if nobody touches a key, and why that one. */
export function predict(state: LoaderState): Prediction {
  const menu = sortMenu(state.entries, state.idsWithCounter);
  const idOf = idReader(state.idsWithCounter);
  for (const { because, pattern, skipsBad } of rules(state)) {
    if (pattern === undefined) continue;
    const next = menu.find((entry) => matchesLoaderPattern(pattern, idOf(entry)) && !(skipsBad && isBad(entry)));
    if (next !== undefined) return { menu, next, because };
  }
  const next = menu[0];
  return { menu, next, because: next === undefined ? "nothing" : "order" };
}

function usesSaved({ config, choices }: LoaderState): boolean {
  return config.default?.toLowerCase() === "@saved" || choices.default?.toLowerCase() === "@saved";
}

/** The state once the loader has tried to start what comes next: counted before it is loaded, one-shot used up. */
export function boot(state: LoaderState): LoaderState {
  const { next } = predict(state);
  const choices: LoaderChoices = { ...state.choices, oneShot: undefined };
  if (next === undefined) return { ...state, choices };
  const lastBooted = usesSaved(state) ? idReader(state.idsWithCounter)(next) : choices.lastBooted;
  const entries = state.entries.map((entry) => (entry === next ? countDown(entry) : entry));
  return { ...state, entries, choices: { ...choices, lastBooted } };
}

/** Whether the machine starts again by itself after `entry` did not come up. One that loads is taken to reboot (P8). */
function startsAgain(entry: BootEntry, state: LoaderState): boolean {
  if (entry.loadable.kind !== "fails" && entry.loadable.kind !== "refused") return true;
  const rule = state.config.rebootOnError ?? (state.supportsPreferred ? "auto" : "no");
  return rule === "yes" || (rule === "auto" && entry.tries !== undefined && entry.tries.left > 0);
}

/** All that decides what comes next. Tries done grow for ever in a bad entry that is started again and again. */
function fingerprint({ entries, choices }: LoaderState): string {
  return JSON.stringify([choices.oneShot, choices.lastBooted, entries.map((entry) => entry.tries?.left)]);
}

/**
 * What boots next, and what after that if nothing ever comes up: one item an attempt, as the entry was before it.
 * Ends where the machine stays down, after `maxLength` attempts, or before a state that was there already.
 */
export function chain(state: LoaderState, maxLength = 64): readonly BootEntry[] {
  const attempts: BootEntry[] = [];
  const seen = new Set<string>();
  let now = state;
  while (attempts.length < maxLength && !seen.has(fingerprint(now))) {
    seen.add(fingerprint(now));
    const { next } = predict(now);
    if (next === undefined) break;
    attempts.push(next);
    if (!startsAgain(next, now)) break;
    now = boot(now);
  }
  return attempts;
}

/**
 * What boots once `entry` has no tries left: the way back of an update that installs it. An entry that is not in
 * `state` yet is taken as installed. One without a counter is never given up, so what boots now goes on booting.
 */
export function afterAllTries(state: LoaderState, entry: BootEntry): BootEntry | undefined {
  const others = state.entries.filter((other) => other.path !== entry.path);
  const exhausted: LoaderState = {
    ...state,
    entries: [...others, withTriesLeft(entry, 0)],
    choices: { ...state.choices, oneShot: undefined, sysFailed: undefined },
  };
  return predict(exhausted).next;
}
