// What the commands of `holdfast repo` share: the repository they work on, on this host.
import type { Publisher } from "../publish/publisher.ts";
import type { Call } from "./act.ts";
import type { CommonFlags } from "./flags.ts";
import { hostPath } from "./place.ts";
import { usageFault } from "./usage-fault.ts";

/** Repositories are folders of the host, whatever machine `--root` names. */
export function publisherFor({ session, context }: Call, flags: CommonFlags, folder: string): Publisher {
  if (flags.root !== undefined)
    throw usageFault("Cannot publish for --root: a repository is of no machine", "Leave --root away.");
  return { machine: session.machine, signal: session.signal, folder: hostPath(folder, context.workingFolder) };
}

/** What a command that was stopped leaves. */
export const keepsRepository = "What clients read is as it was, or as it should be; run the same command again.";
