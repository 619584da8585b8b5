// The real SHA-256, for tests of the simulation.
import { createHash, createHmac } from "node:crypto";
import { parseSha256 } from "../base/ids.ts";
import type { Digest } from "../port/digest.ts";

export const nodeDigest: Digest = {
  sha256: () => {
    const hash = createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), finish: () => parseSha256(hash.digest("hex")) };
  },
  hmacSha256: (key, message) => new Uint8Array(createHmac("sha256", key).update(message).digest()),
};
