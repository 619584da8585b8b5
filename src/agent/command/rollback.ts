// `rollback`: the last known good version, or the one named, boots next and after that.
import { Fault } from "../../base/fault.ts";
import { parseVersion, type Version } from "../../base/ids.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import { hasEntries } from "../../domain/situation.ts";
import { newestFirst } from "../../domain/version-order.ts";
import type { RollbackReport } from "../../wire/reports.ts";
import { locked } from "../state/locked.ts";
import type { Observation } from "../observe/observe.ts";
import { observeWithVouchers } from "../observe/observe-with-vouchers.ts";
import { menuLines, nextVersion } from "./report-lines.ts";
import type { Session } from "../session.ts";
import { lastLinked } from "../install/switch-links.ts";
import { settle } from "../install/settle.ts";
import { switchTo } from "../install/switch.ts";

/**
 * The last known good: the running version when another one is to boot next; otherwise the newest whole version
 * before the one that runs, entries without a counter before counted ones.
 */
function lastKnownGood(observation: Observation): Version {
  const { situation } = observation;
  if (!hasEntries(situation)) return lastLinked(observation);
  const running = situation.running.version;
  const next = nextVersion(observation);
  if (running !== undefined && next !== running && !situation.running.onTrial) return running;
  const current = running ?? next;
  const whole = situation.graph.nodes.filter(
    (node) => node.version !== undefined && node.version !== current && isComplete(node),
  );
  const good = whole.filter((node) => node.entry.tries === undefined);
  const candidates = (
    good.length > 0 ? good : whole.filter((node) => !situation.quarantine.has(node.version as Version))
  ).map((node) => node.version as Version);
  const chosen = candidates.sort(newestFirst)[0];
  if (chosen !== undefined) return chosen;
  throw new Fault("no-way-back", `Cannot roll back: no whole version is installed besides ${current ?? "none"}`, {
    hint: "`holdfast update VERSION` brings an older one in from the repository; `holdfast list` shows what there is.",
    kind: "refused",
  });
}

export async function rollbackMachine(
  session: Session,
  options: { readonly version?: string } = {},
): Promise<RollbackReport> {
  return locked(session, "rollback", async () => {
    const { observation } = await settle(session, await observeWithVouchers(session));
    const wanted = options.version === undefined ? lastKnownGood(observation) : parseVersion(options.version);
    if (!observation.situation.inventory.instances.some(({ version }) => version === wanted)) {
      throw new Fault("not-installed", `Cannot roll back to version ${wanted}: it is not installed`, {
        hint: `\`holdfast list\` shows what is; \`holdfast update ${wanted}\` brings it in if it is on offer.`,
      });
    }
    const from = nextVersion(observation) ?? [...observation.situation.linked.values()].sort(newestFirst)[0];
    const { observation: after, notices } = await switchTo(
      session,
      observation,
      wanted,
      `a person went back to ${wanted}`,
    );
    return { from, to: wanted, bootsNext: nextVersion(after), menu: menuLines(after), notices };
  });
}
