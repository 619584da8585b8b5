// The sources may vouch for a version that Holdfast did not install; without them everything works all the same (P4).
import { type Observation, observe } from "./observe.ts";
import { observeWithSources } from "./observe-with-sources.ts";
import type { Session } from "../session.ts";

/** Asks the sources only where something is installed of which no digest is known. */
export async function observeWithVouchers(session: Session): Promise<Observation> {
  const alone = await observe(session, { catalog: false });
  const { inventory, versions } = alone.situation;
  // A record may be partial: of a version that was found damaged it lists what is not.
  const known = inventory.instances.every(({ version, transfer }) =>
    versions.get(version)?.resources.some((resource) => resource.transfer === transfer),
  );
  if (known || session.settings.offline === true) return alone;
  const { observation, problem } = await observeWithSources(session);
  return problem === undefined ? observation : alone;
}
