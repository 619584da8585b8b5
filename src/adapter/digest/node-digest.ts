// The Digest port over OpenSSL.
import type * as Crypto from "node:crypto";
import { parseSha256 } from "../../base/ids.ts";
import type { Digest } from "../../port/digest.ts";

/** A larger update is cut: OpenSSL counts in 31 bits, and signals want to be heard. */
const updateBytesMax = 64 * 1024 * 1024;

/** Loaded by the first who asks: it takes 7 ms, and `status` often needs none. */
const crypto = (): typeof Crypto => process.getBuiltinModule("node:crypto");

export const nodeDigest: Digest = {
  sha256() {
    const hash = crypto().createHash("sha256");
    return {
      update(bytes) {
        for (let offset = 0; offset < bytes.length; offset += updateBytesMax)
          hash.update(bytes.subarray(offset, offset + updateBytesMax));
      },
      finish: () => parseSha256(hash.digest("hex")),
    };
  },
  hmacSha256: (key, message) => new Uint8Array(crypto().createHmac("sha256", key).update(message).digest()),
};
