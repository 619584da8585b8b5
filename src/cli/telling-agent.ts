// The agent, with how the machine stands shown after every deed that may have changed it: login lines, the desktop's
// notices, metrics. Apart from the agent, which knows nothing of it.
import type { Session } from "../agent/session.ts";
import { Fault } from "../base/fault.ts";
import type { News } from "../domain/news.ts";
import type { StatusReport } from "../wire/reports.ts";
import type { Agent } from "./agent.ts";

/** Only on the machine we run on, by someone who may write there, and of the OS itself. */
function showsOn({ machine, settings }: Session): boolean {
  return settings.live && settings.component === undefined && machine.process.isRoot;
}

/** What never began, and what is to end at once, changed nothing that is to be shown. */
function isOver(error: unknown, { signal }: Session): boolean {
  return signal.aborted || !(error instanceof Fault) || error.kind === "busy" || error.kind === "usage";
}

async function told<T>(agent: Agent, session: Session, deed: (own: Session) => Promise<T>): Promise<T> {
  if (!showsOn(session)) return deed(session);
  const news: News[] = [];
  const { herald } = session.machine;
  const heard = {
    async tell(item: News): Promise<void> {
      news.push(item);
      await herald.tell(item);
    },
  };
  const show = async (status: () => Promise<StatusReport>): Promise<void> => {
    const { showStanding } = await import("../agent/standing/show.ts");
    await showStanding(session, status, news);
  };
  let result: T;
  try {
    result = await deed({ ...session, machine: { ...session.machine, herald: heard } });
  } catch (error) {
    // Where the status cannot be told either, the failure itself says why.
    const status = isOver(error, session) ? undefined : await agent.status(session).catch(() => undefined);
    if (status !== undefined) await show(async () => status);
    throw error;
  }
  await show(() => agent.status(session));
  return result;
}

export function tellingAgent(agent: Agent): Agent {
  return {
    ...agent,
    check: (session) => told(agent, session, (own) => agent.check(own)),
    update: (session, options) =>
      options.dryRun === true
        ? agent.update(session, options)
        : told(agent, session, (own) => agent.update(own, options)),
    rollback: (session, options) => told(agent, session, (own) => agent.rollback(own, options)),
    doctor: (session, options) => told(agent, session, (own) => agent.doctor(own, options)),
    vacuum: (session) => told(agent, session, (own) => agent.vacuum(own)),
    hold: (session, untilMs) => told(agent, session, (own) => agent.hold(own, untilMs)),
    release: (session) => told(agent, session, (own) => agent.release(own)),
    bootConfirm: (session) => told(agent, session, (own) => agent.bootConfirm(own)),
    liftQuarantine: (session, version) => told(agent, session, (own) => agent.liftQuarantine(own, version)),
    tryVersion: (session, version) => told(agent, session, (own) => agent.tryVersion(own, version)),
    keepTried: (session, version) => told(agent, session, (own) => agent.keepTried(own, version)),
  };
}
