// What the simulated firmware does with an image when Secure Boot is on: apart from the code under test, and simpler (P12).
import { parseSignatureLists } from "../../format/efi-signature-list.ts";
import type { FirmwareVariable } from "../../port/firmware.ts";
import type { Content } from "../disk/content.ts";

const certificateMark = "simulated certificate\n";
const signatureMark = "simulated image signature\n";

/** Whether it starts: signed by somebody that db names, and nobody of the chain is in dbx. */
export function firmwareStarts(
  firmware: ReadonlyMap<FirmwareVariable, Uint8Array> | undefined,
  image: Content | undefined,
): boolean {
  if (firmware?.get("SecureBoot")?.[0] !== 1) return true;
  const named = (variable: FirmwareVariable): ReadonlySet<string> =>
    new Set(
      parseSignatureLists(firmware.get(variable) ?? new Uint8Array())
        .map(({ data }) => text(data))
        .filter((name) => name.startsWith(certificateMark))
        .map((name) => name.slice(certificateMark.length)),
    );
  const bytes = text(image?.bytes() ?? new Uint8Array());
  const at = bytes.lastIndexOf(signatureMark);
  const end = bytes.indexOf("}", at);
  if (at === -1 || end === -1) return false;
  const { chain } = JSON.parse(bytes.slice(at + signatureMark.length, end + 1)) as {
    readonly chain: readonly string[];
  };
  return chain.some((name) => named("db").has(name)) && !chain.some((name) => named("dbx").has(name));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
