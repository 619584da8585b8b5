// What cannot be understood on a command line: exit code 2, and a hint that can be typed.
import { Fault } from "../base/fault.ts";

export function usageFault(message: string, hint: string): Fault {
  return new Fault("usage", message, { hint, kind: "usage" });
}

/** `what` is an option or the placeholder of an argument; the hint says what to write there. */
export function missing(command: string, what: string, hint: string): Fault {
  return usageFault(`Cannot run \`holdfast ${command}\`: ${what} is missing`, hint);
}
