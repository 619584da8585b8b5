import { signerContract } from "../../port/signer.contract.ts";
import { SimClock } from "../clock/sim-clock.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { SimVerifier } from "../verifier/sim-verifier.ts";
import { SimSigner } from "./sim-signer.ts";

const nowMs = Date.UTC(2026, 2, 1);
const key = { fingerprint: "1A".repeat(20) };

signerContract("the simulated signer", async () => ({
  signer: new SimSigner({
    keys: new Map([
      ["/key", key],
      ["sign --now", key],
      ["fail", undefined],
    ]),
    digest: simDigest,
    clock: new SimClock({ startMs: nowMs }),
  }),
  verifier: new SimVerifier(simDigest),
  nowMs,
  file: { kind: "file", path: "/key" },
  command: { kind: "command", argv: ["sign", "--now"] },
  missingFile: { kind: "file", path: "/none" },
  failingCommand: { kind: "command", argv: ["fail"] },
  missingCommand: { kind: "command", argv: ["none"] },
  done: async () => {},
}));
