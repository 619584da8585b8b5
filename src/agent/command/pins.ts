// `pin`, `unpin`, `hold`: what a person decided, kept durably.
import { dateText } from "../../base/date-text.ts";
import { Fault } from "../../base/fault.ts";
import { parseVersion } from "../../base/ids.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import { demandMachine } from "../observe/demand-machine.ts";
import { readDefinitions } from "../observe/definitions.ts";
import { observe } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { readFacts, removePin, saveHold, savePin } from "../state/state.ts";

/** It is kept whatever the state of the machine: nothing of it is looked at, but that there is such a component. */
const decide = (session: Session, command: string, work: () => Promise<void>): Promise<void> =>
  locked(session, command, work, session.settings.component === undefined ? demandMachine : readDefinitions);

/** A pinned version is never removed or overwritten. Only what is installed can be pinned. */
export async function pinVersion(session: Session, text: string): Promise<void> {
  const version = parseVersion(text);
  await locked(session, "pin", async () => {
    const { situation } = await observe(session, { catalog: false });
    if (!situation.inventory.instances.some((instance) => instance.version === version)) {
      throw new Fault("unknown-version", `Cannot pin version ${version}: it is not installed`, {
        hint: "Run: holdfast list",
      });
    }
    await savePin(session, { format: 1, version, atMs: session.machine.clock.nowMs() });
    await record(session, "pinned", version, `Version ${version} is kept`);
  });
}

export async function unpinVersion(session: Session, text: string): Promise<void> {
  const version = parseVersion(text);
  await decide(session, "unpin", async () => {
    if (!(await readFacts(session)).pins.has(version)) {
      throw new Fault("not-pinned", `Cannot unpin version ${version}: it is not pinned`, {
        hint: "Run: holdfast status",
      });
    }
    await removePin(session, version);
    await record(session, "unpinned", version, `Version ${version} is no longer kept`);
  });
}

/** No updates until then, or until released. */
export async function holdUpdates(session: Session, untilMs: number | undefined): Promise<void> {
  await decide(session, "hold", async () => {
    await saveHold(session, {
      format: 1,
      sinceMs: session.machine.clock.nowMs(),
      ...(untilMs === undefined ? {} : { untilMs }),
    });
    await record(
      session,
      "held",
      undefined,
      untilMs === undefined ? "Updates are held" : `Updates are held until ${dateText(untilMs)}`,
    );
  });
}

export async function releaseHold(session: Session): Promise<void> {
  await decide(session, "hold", async () => {
    await saveHold(session, undefined);
    await record(session, "released", undefined, "Updates are no longer held");
  });
}
