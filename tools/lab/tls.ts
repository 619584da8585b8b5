// A throw-away certificate authority and a certificate for loopback, made by the host's openssl.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface LabTls {
  /** PEM of the authority: what a client is told to trust. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Throws when the host has no openssl. */
export async function makeTls(): Promise<LabTls> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-tls-"));
  const at = (name: string): string => join(folder, name);
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    await writeFile(at("extensions"), "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n");
    await run("openssl", [
      "req",
      "-x509",
      ...fresh,
      "-days",
      "2",
      "-subj",
      "/CN=Holdfast Lab",
      "-keyout",
      at("ca.key"),
      "-out",
      at("ca.pem"),
    ]);
    await run("openssl", ["req", ...fresh, "-subj", "/CN=localhost", "-keyout", at("key.pem"), "-out", at("request")]);
    const authority = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"];
    await run("openssl", [
      "x509",
      "-req",
      "-in",
      at("request"),
      ...authority,
      "-days",
      "2",
      "-extfile",
      at("extensions"),
      "-out",
      at("cert.pem"),
    ]);
    const read = async (name: string): Promise<string> => readFile(at(name), "utf8");
    return { authority: await read("ca.pem"), certificate: await read("cert.pem"), key: await read("key.pem") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
