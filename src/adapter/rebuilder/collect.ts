// Large buffers are freed when garbage is collected, and V8 does not see how large they are until there are many: between
// two groups of a delta it is asked to, which takes a few milliseconds and saves a hundred megabytes (issue 5, goals).
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let gc: (() => void) | undefined;

/** Frees what nothing refers to any more. */
export function collect(): void {
  if (gc === undefined) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as () => void;
  }
  gc();
}
