import { type Signer, verifierContract } from "../../port/verifier.contract.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { joinSimSignatures, simKeyring, simSign, SimVerifier } from "./sim-verifier.ts";

const nowMs = Date.UTC(2026, 2, 1);
const keys = { one: { fingerprint: "1A".repeat(20) }, two: { fingerprint: "2B".repeat(20) } } as const satisfies Record<
  Signer,
  { readonly fingerprint: string }
>;

verifierContract("the simulated verifier", async () => ({
  verifier: new SimVerifier(simDigest),
  nowMs,
  sign: async (text, signers) =>
    joinSimSignatures(signers.map((signer) => simSign(simDigest, keys[signer], text, nowMs - 3_600_000))),
  keyring: async (signers) => simKeyring(signers.map((signer) => keys[signer])),
  done: async () => {},
}));
