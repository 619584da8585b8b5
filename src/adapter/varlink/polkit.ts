// Asks polkit whether a caller may do something, through its own pkcheck. Where it cannot be asked, nobody may.
import { readFile } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { Process } from "../../port/process.ts";
import type { Authority, Caller, Verdict } from "../../varlink/caller.ts";

const patienceMs = 10_000;
/** A person has to find the password. */
const personMs = 300_000;

/** What pkcheck ends with (its manual page); 3 is a dialog that was closed, all others are failures. */
const verdicts: Readonly<Record<number, Verdict>> = {
  0: "granted",
  1: "denied",
  2: "needs-authentication",
  3: "denied",
};

interface ProcessFacts {
  /** In ticks since the machine started (proc_pid_stat, field 22). */
  readonly startTicks: string;
  readonly effectiveUid: number;
}

/** `undefined` for a process that is not there. */
async function factsOf(pid: number | "self"): Promise<ProcessFacts | undefined> {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "");
  const [stat, status] = await Promise.all([read("stat"), read("status")]);
  // The name of the program stands in brackets, and may have blanks and brackets itself.
  const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const effectiveUid = /^Uid:\t[0-9]+\t([0-9]+)\t/m.exec(status)?.[1];
  if (startTicks === undefined || !/^[0-9]{1,20}$/.test(startTicks) || effectiveUid === undefined) return undefined;
  return { startTicks, effectiveUid: Number(effectiveUid) };
}

/**
 * The process that connected, as pkcheck wants it named; `undefined` where that cannot be it any more. Process ids are
 * used again: one that started after this process, which was made for the connection, is another one. The user is the
 * one that the kernel noted when the connection was made.
 */
async function subjectOf({ pid, uid }: Caller): Promise<string | undefined> {
  const [own, peer] = await Promise.all([factsOf("self"), pid === 0 ? undefined : factsOf(pid)]);
  if (own === undefined || peer === undefined || peer.effectiveUid !== uid) return undefined;
  return BigInt(peer.startTicks) > BigInt(own.startTicks) ? undefined : `${pid},${peer.startTicks},${uid}`;
}

/** `say` gets a line where polkit could not be asked. */
export function polkitAuthority(process: Pick<Process, "run">, say: (line: string) => void): Authority {
  return {
    async ask(action, caller, interactive) {
      const subject = await subjectOf(caller);
      if (subject === undefined) return "denied";
      const asking = interactive ? ["--allow-user-interaction"] : [];
      try {
        const args = ["--action-id", action, "--process", subject, ...asking];
        const ran = await process.run("pkcheck", args, { timeoutMs: interactive ? personMs : patienceMs });
        const verdict = verdicts[ran.exitCode];
        if (verdict === undefined) say(`Cannot ask polkit about ${action}: ${ran.stderr.trim().slice(0, 500)}`);
        return verdict ?? "denied";
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        say(`Cannot ask polkit about ${action}: ${error.message}`);
        return "denied";
      }
    },
  };
}
