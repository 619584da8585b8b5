// The Entropy port: the kernel's random numbers.
import { randomBytes } from "node:crypto";
import type { Entropy } from "../../port/entropy.ts";

export const systemEntropy: Entropy = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
};
