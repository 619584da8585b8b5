// The simulated Signer: keys by name, signatures as the simulated Verifier reads them.
import { Fault } from "../../base/fault.ts";
import type { Clock } from "../../port/clock.ts";
import type { Digest } from "../../port/digest.ts";
import type { SigningKey } from "../../domain/signing-key.ts";
import type { Signer } from "../../port/signer.ts";
import { CallGate } from "../call-gate.ts";
import { type SimKey, simKeyring, simSign } from "../verifier/sim-verifier.ts";

/** By the path of its file, or by the words of its program; `undefined` for a program that fails. */
export type SimSigningKeys = ReadonlyMap<string, SimKey | undefined>;

export interface SimSignerOptions {
  readonly keys: SimSigningKeys;
  readonly digest: Digest;
  readonly clock: Clock;
  readonly gate?: CallGate;
}

export class SimSigner implements Signer {
  readonly #options: SimSignerOptions;
  readonly #gate: CallGate;

  constructor(options: SimSignerOptions) {
    this.#options = options;
    this.#gate = options.gate ?? new CallGate();
  }

  async keyring(key: SigningKey): Promise<Uint8Array | undefined> {
    return key.kind === "command" ? undefined : simKeyring([this.#find("keyring", key)]);
  }

  async sign(key: SigningKey, text: Uint8Array, notBeforeMs = 0): Promise<Uint8Array> {
    const { digest, clock } = this.#options;
    const atMs = key.kind === "file" ? Math.max(clock.nowMs(), notBeforeMs) : clock.nowMs();
    return simSign(digest, this.#find("sign", key), text, atMs);
  }

  #find(call: string, key: SigningKey): SimKey {
    const name = key.kind === "file" ? key.path : key.argv.join(" ");
    const { keys } = this.#options;
    const fault = this.#gate.enter("signer", call, name, false);
    const found = keys.get(name);
    if (found !== undefined && fault === undefined) return found;
    const code = key.kind === "file" ? "bad-key" : keys.has(name) ? "cannot-sign" : "tool-missing";
    throw new Fault(fault?.code ?? code, `Cannot sign with ${name}: the simulated world says so`);
  }
}
