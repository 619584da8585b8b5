import { parseSha256 } from "../../base/ids.ts";
import { type CodeSigner, codeVerifierContract } from "../../port/code-verifier.contract.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { simCertificate, simCodeSignature, SimCodeVerifier } from "./sim-code-verifier.ts";

const digest = parseSha256("5a".repeat(32));
const chains: Readonly<Record<CodeSigner, readonly string[]>> = {
  leaf: ["leaf", "authority"],
  authority: ["authority"],
  stranger: ["stranger"],
};

codeVerifierContract("the simulated code verifier", async () => ({
  verifier: new SimCodeVerifier(simDigest),
  certificate: async (of) => simCertificate(of),
  sign: async (by) => ({ signature: simCodeSignature(digest, chains[by]), digest }),
  forge: async (by) => simCodeSignature(digest, chains[by], true),
  done: async () => {},
}));
