// How the reader of erofs images refuses: whoever asked takes the image for a row of bytes then.
import { Fault } from "../../base/fault.ts";

export function notUnderstood(why: string): Fault {
  return new Fault("erofs-not-understood", `Cannot read the erofs image: ${why}`);
}
