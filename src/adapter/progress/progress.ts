// All listeners to progress: for terminals, for logs, for programs, for nobody, and for two at once.
import type { Progress } from "../../port/progress.ts";

export { jsonProgress } from "./json-progress.ts";
export { lineProgress } from "./line-progress.ts";
export { ttyProgress } from "./tty-progress.ts";

export const silentProgress: Progress = { report: () => undefined };

export function teeProgress(...listeners: readonly Progress[]): Progress {
  return {
    report(event) {
      for (const listener of listeners) listener.report(event);
    },
  };
}
