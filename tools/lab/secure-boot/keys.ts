// Throw-away keys and certificates for Secure Boot, made and used by real tools (P12): openssl makes them, sbsign signs.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Tools } from "../../toolbox/toolbox.ts";

const run = promisify(execFile);

/** Programs of the toolbox that a KeyRoom calls. */
export const keyRoomTools: readonly string[] = ["openssl", "sbsign", "sbverify"];

/** And those that write EFI signature lists. */
export const listTools: readonly string[] = ["cert-to-efi-sig-list", "cert-to-efi-hash-list", "hash-to-efi-sig-list"];

export interface BootKey {
  readonly name: string;
  /** X.509 in DER, as db and dbx hold it. */
  readonly certificate: Uint8Array;
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface KeyOptions {
  /** It may issue others. */
  readonly authority?: boolean;
  /** Its own when absent. */
  readonly issuer?: BootKey;
  /** Valid for so long; -1: it was, until yesterday. */
  readonly days?: number;
}

export type ListedKey =
  | { readonly kind: "certificate"; readonly key: BootKey }
  /** `since`: such as "2026-02-03 04:05:06". */
  | { readonly kind: "digest"; readonly key: BootKey; readonly bits: 256 | 384 | 512; readonly since?: string }
  | { readonly kind: "image"; readonly image: Uint8Array };

/** A folder of keys, gone when disposed of. */
export class KeyRoom implements AsyncDisposable {
  readonly folder: string;
  readonly #tools: Tools;

  private constructor(folder: string, tools: Tools) {
    this.folder = folder;
    this.#tools = tools;
  }

  static async open(tools: Tools): Promise<KeyRoom> {
    return new KeyRoom(await mkdtemp(join(tmpdir(), "holdfast-keys-")), tools);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async make(name: string, options: KeyOptions = {}): Promise<BootKey> {
    const file = (suffix: string): string => join(this.folder, `${name}.${suffix}`);
    const { issuer } = options;
    await this.#run("openssl", [
      ..."req -quiet -new -x509 -newkey rsa:2048 -nodes -sha256".split(" "),
      ...dates(options.days ?? 3650),
      "-subj",
      `/O=Holdfast Lab/CN=${name}`,
      "-keyout",
      file("key"),
      "-out",
      file("pem"),
      ...(issuer === undefined ? [] : ["-CA", issuer.certificateFile, "-CAkey", issuer.keyFile]),
      "-addext",
      `basicConstraints=critical,CA:${options.authority === true ? "TRUE" : "FALSE"}`,
    ]);
    await this.#run("openssl", ["x509", "-in", file("pem"), "-outform", "DER", "-out", file("der")]);
    const certificate = await readFile(file("der"));
    return { name, certificate, certificateFile: file("pem"), keyFile: file("key") };
  }

  /** The image with one more signature. */
  async sign(image: Uint8Array, key: BootKey, more: readonly BootKey[] = []): Promise<Uint8Array> {
    const [source, target] = [join(this.folder, "unsigned.efi"), join(this.folder, "signed.efi")];
    await writeFile(source, image);
    const others = more.flatMap(({ certificateFile }) => ["--addcert", certificateFile]);
    const by = ["--key", key.keyFile, "--cert", key.certificateFile];
    await this.#run("sbsign", [...by, ...others, "--output", target, source]);
    return readFile(target);
  }

  /** The same by another program, which writes some things differently; any signature before is replaced. */
  async signWithOsslsigncode(image: Uint8Array, key: BootKey): Promise<Uint8Array> {
    const [source, target] = [join(this.folder, "ossl.efi"), join(this.folder, "ossl-signed.efi")];
    await writeFile(source, image);
    await rm(target, { force: true });
    const by = ["-certs", key.certificateFile, "-key", key.keyFile];
    await this.#run("osslsigncode", ["sign", "-h", "sha256", ...by, "-in", source, "-out", target]);
    return readFile(target);
  }

  /** An EFI signature list with the certificate, its digest (revoked since a time, or for ever), or the image's digest. */
  async list(what: ListedKey): Promise<Uint8Array> {
    const target = join(this.folder, "list.esl");
    if (what.kind === "image") {
      const source = join(this.folder, "listed.efi");
      await writeFile(source, what.image);
      await this.#run("hash-to-efi-sig-list", [source, target]);
    } else if (what.kind === "certificate") {
      await this.#run("cert-to-efi-sig-list", [what.key.certificateFile, target]);
    } else {
      const since = what.since === undefined ? [] : ["-t", what.since];
      const how = ["-s", String(what.bits), ...since];
      await this.#run("cert-to-efi-hash-list", [...how, what.key.certificateFile, target]);
    }
    return readFile(target);
  }

  /** Several lists in one variable. */
  async lists(...all: readonly ListedKey[]): Promise<Uint8Array> {
    const lists: Uint8Array[] = [];
    for (const what of all) lists.push(await this.list(what));
    return Buffer.concat(lists);
  }

  /** Whether sbverify finds a signature that leads to this certificate. */
  async verifies(image: Uint8Array, key: BootKey): Promise<boolean> {
    const file = join(this.folder, "asked.efi");
    await writeFile(file, image);
    return this.#run("sbverify", ["--cert", key.certificateFile, file]).then(
      () => true,
      () => false,
    );
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    await run(this.#tools.path(program), args);
  }
}

function dates(days: number): readonly string[] {
  if (days > 0) return ["-days", String(days)];
  return ["-not_before", "20200101000000Z", "-not_after", "20200201000000Z"];
}
