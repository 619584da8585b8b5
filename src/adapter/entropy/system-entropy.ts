// The Entropy port: the kernel's random numbers.
import type { Entropy } from "../../port/entropy.ts";

// node:crypto is loaded by the first who asks, as in node-digest.ts.
export const systemEntropy: Entropy = {
  bytes: (count) => new Uint8Array(process.getBuiltinModule("node:crypto").randomBytes(count)),
};
