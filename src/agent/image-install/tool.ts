// Programs of the system that `image install` calls: any end but 0 is a Fault in their own words.
import { Fault } from "../../base/fault.ts";
import type { Session } from "../session.ts";

/** Large images take their time to unpack and to build. */
const timeoutMs = 4 * 3600 * 1000;

export interface ToolCall {
  readonly stdin?: string;
  /** For the sentence: "Cannot VERB: …". */
  readonly doing: string;
}

/** Standard output. Fault `tool-failed`, or the reason why we were stopped. */
export async function runTool(
  session: Session,
  program: string,
  args: readonly string[],
  { stdin, doing }: ToolCall,
): Promise<string> {
  session.signal.throwIfAborted();
  const options = { timeoutMs, ...(stdin === undefined ? {} : { stdin }) };
  const { exitCode, stdout, stderr } = await session.machine.process.run(program, args, options);
  // Ctrl-C reaches the program as well: it is no failure of its own.
  session.signal.throwIfAborted();
  if (exitCode === 0) return stdout;
  const said = stderr.trim().split("\n").slice(-3).join(" ").slice(0, 500);
  throw new Fault("tool-failed", `Cannot ${doing}: ${program} says ${said || `exit code ${exitCode}`}`);
}

/** Files that a user makes belong to root in the eyes of the program: what it builds is for root. */
export function asRoot(session: Session, program: string, args: readonly string[]): [string, readonly string[]] {
  return session.machine.process.isRoot
    ? [program, args]
    : ["unshare", ["--user", "--map-root-user", "--", program, ...args]];
}
