// GPT attribute bits as sfdisk spells them: three names and "GUID:" numbers (sfdisk(8), UAPI.2 for bits 59, 60, 63).
import { Fault } from "../base/fault.ts";

/** By bit. Before 2.26 sfdisk misspelt the first, and newer ones still read it so. */
const names = ["RequiredPartition", "NoBlockIOProtocol", "LegacyBIOSBootable"];
const misspelt = "RequiredPartiton";
const firstTypeBit = 48;
const lastBit = 63;

/** "RequiredPartition GUID:59,60" to bits. Throws a Fault for what sfdisk does not write. */
export function parseAttributes(text: string): bigint {
  let bits = 0n;
  for (const word of text.split(/[ ,]+/).filter(Boolean)) {
    const named = word === misspelt ? 0 : names.indexOf(word);
    const bit = named >= 0 ? named : Number(/^(?:GUID:)?([0-9]{1,2})$/.exec(word)?.[1] ?? Number.NaN);
    if (!(bit <= lastBit))
      throw new Fault(
        "partition-flags",
        `Cannot read partition attributes: ${JSON.stringify(word.slice(0, 80))} is none`,
      );
    bits |= 1n << BigInt(bit);
  }
  return bits;
}

/** Bits to the text that sfdisk takes; "" for none. Bits 3 to 47 are reserved, and sfdisk cannot set them: a Fault. */
export function formatAttributes(flags: bigint): string {
  const set = Array.from({ length: lastBit + 1 }, (_, bit) => bit).filter((bit) => (flags >> BigInt(bit)) & 1n);
  const reserved = set.find((bit) => bit >= names.length && bit < firstTypeBit);
  if (reserved !== undefined || flags < 0n || flags >> 64n !== 0n)
    throw new Fault(
      "partition-flags",
      `Cannot set partition attributes 0x${flags.toString(16)}: only bits 0 to 2 and 48 to 63 can be set`,
    );
  const words = set.filter((bit) => bit < names.length).map((bit) => names[bit]);
  const numbers = set.filter((bit) => bit >= firstTypeBit);
  return [...words, ...(numbers.length === 0 ? [] : [`GUID:${numbers.join()}`])].join(" ");
}
