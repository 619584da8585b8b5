// All adapters wired into one machine: the one we run on, or the tree of one that is switched off.
// What only some commands need is loaded when it is first used, so that `status` starts at once.
import { realpathSync, statSync } from "node:fs";
import { holdfastVersion } from "../base/build-info.ts";
import { Fault } from "../base/fault.ts";
import type { CodeVerifier } from "../port/code-verifier.ts";
import type { Decoder } from "../port/decoder.ts";
import type { Http } from "../port/http.ts";
import type { Lock } from "../port/lock.ts";
import type { Machine } from "../port/machine.ts";
import type { Progress } from "../port/progress.ts";
import type { Signer } from "../port/signer.ts";
import type { Subscribers } from "../port/subscribers.ts";
import type { Verifier } from "../port/verifier.ts";
import { systemClock } from "./clock/system-clock.ts";
import { nodeDigest } from "./digest/node-digest.ts";
import { diskFault } from "./disk/errno.ts";
import { nodeDisk } from "./disk/node-disk.ts";
import { systemEntropy } from "./entropy/system-entropy.ts";
import { efiFirmware } from "./firmware/efi-firmware.ts";
import { journalHerald, silentHerald } from "./herald/journal-herald.ts";
import { efiVariables } from "./loader-variables/efi-variables.ts";
import { nodeProcess } from "./process/node-process.ts";
import { confinedRebuilder } from "./rebuilder/confined-rebuilder.ts";
import { nodeVolumes } from "./volumes/node-volumes.ts";

export interface RealMachineOptions {
  /** The folder of the host that is the machine's `/`; absent: the machine we run on. */
  readonly root?: string;
  readonly progress: Progress;
  /** Proxies, certificates and the documented variables are taken from here. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Throws a Fault of the Disk port when the root is not there. Disposing ends the children that fetch. */
export function realMachine(options: RealMachineOptions): Machine & AsyncDisposable {
  const root = realRoot(options.root ?? "/");
  const env = options.env ?? process.env;
  const own = nodeProcess({ root, env });
  const http = lazyHttp(own.isRoot, env);
  return {
    disk: nodeDisk({ root, process: own }),
    volumes: nodeVolumes({ root, process: own }),
    http,
    decoder: lazyDecoder(own.isRoot),
    rebuilder: confinedRebuilder({ isRoot: own.isRoot }),
    digest: nodeDigest,
    clock: systemClock,
    entropy: systemEntropy,
    process: own,
    loader: efiVariables({ root, process: own }),
    firmware: efiFirmware({ root }),
    verifier: lazyVerifier,
    signer: lazySigner,
    codeVerifier: lazyCodeVerifier,
    lock: lazyLock(root),
    progress: options.progress,
    herald: root === "/" ? journalHerald(own) : silentHerald,
    subscribers: lazySubscribers(root),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

function realRoot(root: string): string {
  try {
    const real = realpathSync(root);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    throw diskFault(`use ${root} as the root of a machine`, error);
  }
  throw new Fault("not-a-folder", `Cannot use ${root} as the root of a machine: it is not a folder`, {
    hint: "Name the folder that has /etc and /usr of the machine, for example --root=/mnt.",
    kind: "usage",
  });
}

function lazyHttp(isRoot: boolean, env: Readonly<Record<string, string | undefined>>): Http & AsyncDisposable {
  let loading: Promise<Http & AsyncDisposable> | undefined;
  const load = async (): Promise<Http & AsyncDisposable> => {
    const { confinedHttp } = await import("./http/confined-http.ts");
    return confinedHttp({ isRoot, version: holdfastVersion, env });
  };
  return {
    request: async (...args) => (await (loading ??= load())).request(...args),
    [Symbol.asyncDispose]: async () => (await loading)?.[Symbol.asyncDispose](),
  };
}

function lazyDecoder(isRoot: boolean): Decoder {
  const load = async (): Promise<Decoder> =>
    (await import("./decoder/confined-decoder.ts")).confinedDecoder({ isRoot });
  return {
    async *decompress(...args) {
      yield* (await load()).decompress(...args);
    },
    async *untar(...args) {
      yield* (await load()).untar(...args);
    },
  };
}

const lazyVerifier: Verifier = {
  async countKeys(keyring) {
    const { openpgpVerifier } = await import("./verifier/openpgp-verifier.ts");
    return openpgpVerifier.countKeys(keyring);
  },
  async verify(...args) {
    const { openpgpVerifier } = await import("./verifier/openpgp-verifier.ts");
    return openpgpVerifier.verify(...args);
  },
};

const lazySigner: Signer = {
  keyring: async (key) => (await import("./signer/node-signer.ts")).nodeSigner.keyring(key),
  sign: async (key, text) => (await import("./signer/node-signer.ts")).nodeSigner.sign(key, text),
};

const lazyCodeVerifier: CodeVerifier = {
  async open(...args) {
    const { nodeCodeVerifier } = await import("./code-verifier/node-code-verifier.ts");
    return nodeCodeVerifier.open(...args);
  },
};

function lazySubscribers(root: string): Subscribers {
  return {
    async tell(update) {
      const { noSubscribers, varlinkSubscribers } = await import("./subscribers/varlink-subscribers.ts");
      return (root === "/" ? varlinkSubscribers() : noSubscribers).tell(update);
    },
  };
}

function lazyLock(root: string): Lock {
  const load = async (): Promise<Lock> => {
    const { sqliteLock } = await import("./lock/sqlite-lock.ts");
    return sqliteLock({ root, pid: process.pid, nowMs: () => systemClock.nowMs() });
  };
  return {
    acquire: async (...args) => (await load()).acquire(...args),
    owner: async (path) => (await load()).owner(path),
  };
}
