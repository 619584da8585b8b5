// A throw-away certificate authority and a certificate for loopback, made by the host's openssl.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface LabTls {
  /** PEM of the authority: what a client is told to trust. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export interface LabTlsOptions {
  /** Whom the certificate is for; default loopback, by address and name. */
  readonly names?: string;
  /** It has ended by the time it is there: OpenSSL 3.5 makes none that ended before. */
  readonly expired?: boolean;
}

/** What only a certificate of the same authority can be made with. */
interface Authority {
  readonly certificate: string;
  readonly key: string;
}

const authorities = new WeakMap<LabTls, Authority>();

/** Throws when the host has no openssl. With `like`, the certificate is of the same authority as that one. */
export async function makeTls(options: LabTlsOptions = {}, like?: LabTls): Promise<LabTls> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-tls-"));
  const at = (name: string): string => join(folder, name);
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const { names = "IP:127.0.0.1,DNS:localhost", expired = false } = options;
  try {
    await writeFile(at("extensions"), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
    const known = like === undefined ? undefined : authorities.get(like);
    if (known === undefined) {
      const self = ["-x509", ...fresh, "-days", "2", "-subj", "/CN=Holdfast Lab"];
      await run("openssl", ["req", ...self, "-keyout", at("ca.key"), "-out", at("ca.pem")]);
    } else {
      await writeFile(at("ca.pem"), known.certificate);
      await writeFile(at("ca.key"), known.key);
    }
    await run("openssl", ["req", ...fresh, "-subj", "/CN=localhost", "-keyout", at("key.pem"), "-out", at("request")]);
    const authority = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"];
    await run("openssl", [
      "x509",
      "-req",
      "-in",
      at("request"),
      ...authority,
      "-days",
      expired ? "0" : "2",
      "-extfile",
      at("extensions"),
      "-out",
      at("cert.pem"),
    ]);
    if (expired) await sleep(1100);
    const read = async (name: string): Promise<string> => readFile(at(name), "utf8");
    const made = { authority: await read("ca.pem"), certificate: await read("cert.pem"), key: await read("key.pem") };
    authorities.set(made, { certificate: made.authority, key: await read("ca.key") });
    return made;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
