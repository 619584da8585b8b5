// Which certificates a server's is checked against: the system's store and what the administrator adds.
import { readFile } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";

/** Where the families of distributions keep the store as one file: Debian, Fedora, SUSE, and what is common to more. */
const stores = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
/** With the 150 certificates of a usual store at a quarter of a megabyte. */
const storeBytesMax = 3 * 1024 * 1024;

async function readStore(file: string): Promise<string> {
  const text = await readFile(file, "latin1");
  if (text.length > storeBytesMax) throw new Fault("tls-failed", `Cannot read the certificates in ${file}: too large`);
  return text;
}

/**
 * PEM text, or `undefined` to use those that Node brings along. `SSL_CERT_FILE` replaces the store, `NODE_EXTRA_CA_CERTS`
 * adds to it; what they name must be readable (Fault `tls-failed`).
 */
export async function trustedCertificates(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const named = async (variable: string): Promise<string | undefined> => {
    const file = env[variable];
    if (file === undefined || file === "") return undefined;
    return readStore(file).catch((cause: unknown) => {
      throw new Fault("tls-failed", `Cannot read the certificates in ${file}: ${variable} names it`, { cause });
    });
  };
  const extra = await named("NODE_EXTRA_CA_CERTS");
  let store = await named("SSL_CERT_FILE");
  for (const file of stores) store ??= await readStore(file).catch(() => undefined);
  if (store === undefined) return extra;
  return extra === undefined ? store : `${store}\n${extra}`;
}
