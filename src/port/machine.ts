// All ports of one machine together: what every part of the agent is given.
import type { Clock } from "./clock.ts";
import type { CodeVerifier } from "./code-verifier.ts";
import type { Decoder } from "./decoder.ts";
import type { Digest } from "./digest.ts";
import type { Disk } from "./disk.ts";
import type { Entropy } from "./entropy.ts";
import type { Firmware } from "./firmware.ts";
import type { Herald } from "./herald.ts";
import type { Http } from "./http.ts";
import type { LoaderVariables } from "./loader-variables.ts";
import type { Lock } from "./lock.ts";
import type { Process } from "./process.ts";
import type { Progress } from "./progress.ts";
import type { Rebuilder } from "./rebuilder.ts";
import type { Signer } from "./signer.ts";
import type { Subscribers } from "./subscribers.ts";
import type { Verifier } from "./verifier.ts";
import type { Volumes } from "./volumes.ts";

export interface Machine {
  readonly disk: Disk;
  readonly volumes: Volumes;
  readonly http: Http;
  readonly decoder: Decoder;
  readonly rebuilder: Rebuilder;
  readonly digest: Digest;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly process: Process;
  readonly loader: LoaderVariables;
  readonly firmware: Firmware;
  readonly verifier: Verifier;
  readonly signer: Signer;
  readonly codeVerifier: CodeVerifier;
  readonly lock: Lock;
  readonly progress: Progress;
  readonly herald: Herald;
  readonly subscribers: Subscribers;
}
