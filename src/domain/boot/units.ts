// Which failed units tell against a version: those that were fine under the last one that was found good (P8). Pure.

/** Made while the system runs, or ours, which fail because of what they found. */
const passing = /^(?:run-|session-|user@|user-runtime-dir@|app-|systemd-coredump@|holdfast-|systemd-bless-boot\.)/;

/** Units are told apart by name; what comes and goes with sessions tells nothing. */
export function lastingUnits(units: readonly string[]): readonly string[] {
  return [...new Set(units.filter((unit) => /^[^/\s]{1,255}\.[a-z]+$/.test(unit) && !passing.test(unit)))].sort();
}

export interface FailedUnits {
  /** Were fine under the last good version. */
  readonly regressed: readonly string[];
  /** Failed then as well, or are new. */
  readonly others: readonly string[];
}

/** `fine` is undefined where no boot was judged good yet: nothing can be held against anyone then. */
export function judgeUnits(fine: readonly string[] | undefined, failedNow: readonly string[]): FailedUnits {
  const known = new Set(fine ?? []);
  const failed = lastingUnits(failedNow);
  return {
    regressed: failed.filter((unit) => known.has(unit)),
    others: failed.filter((unit) => !known.has(unit)),
  };
}

/** Units and whether they failed, from `systemctl list-units --all --plain --no-legend`. */
export function parseUnits(text: string): { readonly fine: readonly string[]; readonly failed: readonly string[] } {
  const fine: string[] = [];
  const failed: string[] = [];
  for (const line of text.split("\n").slice(0, 10_000)) {
    const [unit = "", load, active] = line.replace(/^[^0-9A-Za-z-]+/, "").split(/\s+/);
    if (load !== "loaded") continue;
    (active === "failed" ? failed : fine).push(unit);
  }
  return { fine: lastingUnits(fine), failed: lastingUnits(failed) };
}

/**
 * Units that are ordered by the network, from `systemctl show --property=Id,After,Before UNIT...`: that one of them fails may
 * be the fault of a cable.
 */
export function onTheNetwork(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const block of text.split(/\n\n+/).slice(0, 1000)) {
    const id = /^Id=(.*)$/m.exec(block)?.[1];
    const order = [...block.matchAll(/^(?:After|Before)=(.*)$/gm)].flatMap(([, names = ""]) => names.split(" "));
    if (id !== undefined && order.some((name) => name === "network-online.target" || name === "remote-fs-pre.target"))
      found.add(id);
  }
  return found;
}
