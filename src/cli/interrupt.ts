// Ctrl-C and SIGTERM: the first one asks the work to stop where it can be continued, the second ends it at once (P6).
import { Fault } from "../base/fault.ts";
import type { CliContext } from "./context.ts";
import { exit } from "./exit-code.ts";

export interface Interruptible extends Disposable {
  readonly signal: AbortSignal;
}

/** What a stopped command says; `keeps` where it leaves something to go on from, or says itself what it leaves. */
function interruptedFault(command: string, keeps: boolean | string): Fault {
  const plain = keeps
    ? `Everything downloaded so far is kept; \`${command}\` goes on from there.`
    : "Nothing is left half done.";
  return new Fault("interrupted", `Cannot finish \`${command}\`: it was interrupted`, {
    kind: "interrupted",
    retriable: true,
    hint: typeof keeps === "string" ? keeps : plain,
  });
}

/** Listens until it is disposed of. */
export function listenForInterrupts(context: CliContext, command: string, keeps: boolean | string): Interruptible {
  const controller = new AbortController();
  const stop = context.onInterrupt(() => {
    if (controller.signal.aborted) {
      context.leave(exit.interrupted);
      return;
    }
    controller.abort(interruptedFault(command, keeps));
    context.process.stderr.write("\nStopping at the next safe point; press Ctrl-C again to leave at once.\n");
  });
  return { signal: controller.signal, [Symbol.dispose]: stop };
}
