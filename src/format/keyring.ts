// Keyrings as systemd and GnuPG leave them, binary, armored or keybox, to one block of packets a key (D.4, RFC 9580).
import { concatenate } from "../base/bytes.ts";
import { Fault } from "../base/fault.ts";
import { isKeybox, keyboxBlocks } from "./keybox.ts";

export type KeyringFaultCode = "keyring-damaged" | "keyring-empty" | "keyring-too-large" | "keyring-unknown";

export interface Keyring {
  readonly kind: "binary" | "armored" | "keybox";
  /** For each primary key its OpenPGP packets, without GnuPG's private trust packets. */
  readonly blocks: Uint8Array[];
}

const maxBytes = 16 << 20;
const maxBlocks = 20_000;
const publicKey = 6;
const secretKey = 5;
const trust = 12;

const refuse = (code: KeyringFaultCode, state: string): Fault<KeyringFaultCode> =>
  new Fault(code, `Cannot read the keyring: ${state}`);

/** Throws a Fault (KeyringFaultCode) unless it holds at least one key. */
export function splitKeyring(bytes: Uint8Array): Keyring {
  if (bytes.length === 0) throw refuse("keyring-empty", "it is empty");
  if (bytes.length > maxBytes) throw refuse("keyring-too-large", `it is larger than ${maxBytes >> 20} MiB`);
  const [kind, parts] = recognise(bytes);
  const blocks = parts.flatMap(splitPackets);
  if (blocks.length === 0) throw refuse("keyring-empty", "there is no key in it");
  if (blocks.length > maxBlocks) throw refuse("keyring-too-large", "it has too many keys");
  return { kind, blocks };
}

function recognise(bytes: Uint8Array): [Keyring["kind"], Uint8Array[]] {
  if (isKeybox(bytes)) return ["keybox", keyboxBlocks(bytes)];
  // The first byte of every packet has its highest bit set; text has not.
  if ((bytes[0] ?? 0) >= 0x80) return ["binary", [bytes]];
  const text = new TextDecoder("latin1").decode(bytes);
  if (text.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) return ["armored", dearmor(text)];
  throw refuse("keyring-unknown", "it is neither a binary nor an armored keyring, nor a keybox");
}

/** All armored key blocks of a text. The checksum line is passed over, as RFC 9580 asks of readers. */
function dearmor(text: string): Uint8Array[] {
  const armor = /-----BEGIN PGP PUBLIC KEY BLOCK-----[^\S\n]*\n([^]*?)-----END PGP PUBLIC KEY BLOCK-----/g;
  return Array.from(text.matchAll(armor), ([, inner = ""]) => {
    const lines = inner.split("\n").map((line) => line.trim());
    const blank = lines.indexOf("");
    if (lines.slice(0, Math.max(0, blank)).some((line) => !line.includes(":")))
      throw refuse("keyring-damaged", "an armored block has a broken header");
    const body = lines
      .slice(blank + 1)
      .filter((line) => !line.startsWith("="))
      .join("");
    try {
      return Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    } catch (cause) {
      throw new Fault("keyring-damaged", "Cannot read the keyring: an armored block is not base64", { cause });
    }
  });
}

interface Packet {
  readonly tag: number;
  readonly end: number;
}

/** The packet at `start`, in the old or the new format; lengths in parts and without end are not for keys. */
function readPacket(bytes: Uint8Array, start: number): Packet {
  const byte = (index: number): number => {
    const value = bytes[start + index];
    if (value === undefined) throw refuse("keyring-damaged", "a packet is cut off");
    return value;
  };
  const first = byte(0);
  if (first < 0x80) throw refuse("keyring-damaged", "something in it is no packet");
  const bigEndian = (from: number, count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index++) value = value * 256 + byte(from + index);
    return value;
  };
  let body: number;
  let length: number;
  if (first & 0x40) {
    const second = byte(1);
    if (second < 192) [body, length] = [2, second];
    else if (second < 224) [body, length] = [3, (second - 192) * 256 + byte(2) + 192];
    else if (second === 255) [body, length] = [6, bigEndian(2, 4)];
    else throw refuse("keyring-damaged", "a packet is given in parts");
  } else {
    if ((first & 3) === 3) throw refuse("keyring-damaged", "a packet has no length");
    const size = 1 << (first & 3);
    [body, length] = [1 + size, bigEndian(1, size)];
  }
  const end = start + body + length;
  if (end > bytes.length) throw refuse("keyring-damaged", "a packet is cut off");
  return { tag: first & 0x40 ? first & 0x3f : (first >> 2) & 0x0f, end };
}

/** One block for each primary key; what stands before the first one belongs to none and is left out. */
function splitPackets(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[][] = [];
  for (let start = 0; start < bytes.length; ) {
    const { tag, end } = readPacket(bytes, start);
    if (tag === secretKey)
      throw refuse("keyring-damaged", "it holds a secret key, which must never be on a machine that verifies");
    if (tag === publicKey) blocks.push([]);
    if (tag !== trust) blocks.at(-1)?.push(bytes.subarray(start, end));
    start = end;
  }
  return blocks.map((parts) => concatenate(parts));
}
