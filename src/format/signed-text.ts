// A signed text in one file, so that text and signature cannot be replaced one without the other (incident E34): the
// envelope of `holdfast.json`. What is signed is the text itself, byte for byte, and it is not parsed before it is proven.
import { Fault } from "../base/fault.ts";
import { parseJsonFields } from "./json-fields.ts";

export interface SignedText {
  /** UTF-8. */
  readonly text: Uint8Array;
  /** A detached OpenPGP signature, binary. */
  readonly signature: Uint8Array;
}

const format = 1;
const maxTextLength = 16 << 20;
/** Several signers, each with a large key. */
const maxSignatureLength = 64 << 10;
const maxBytes = 2 * maxTextLength + maxSignatureLength + 1024;
/** Fields, those of later envelopes included. */
const maxParts = 64;

/**
 * Whoever is not proven yet may send millions of small things, which take forty times their bytes once they are parsed:
 * counted are commas and opening brackets outside of texts.
 */
function hasFewParts(bytes: Uint8Array): boolean {
  let parts = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22) inText = !inText;
    else if (inText) at += byte === 0x5c ? 1 : 0;
    else if (byte === 0x2c || byte === 0x5b || byte === 0x7b) {
      parts += 1;
      if (parts > maxParts) return false;
    }
  }
  return true;
}

/** Throws a Fault (`release-file-damaged`). */
export function parseSignedText(what: string, bytes: Uint8Array): SignedText {
  if (bytes.length <= maxBytes && !hasFewParts(bytes))
    throw new Fault("release-file-damaged", `Cannot read the release file: ${what} has too many parts`);
  const fields = parseJsonFields(what, bytes, maxBytes);
  if (fields.count("format") !== format) throw fields.refuse("has an envelope of another format");
  const signature = fields.text("signature", maxSignatureLength);
  try {
    return {
      text: new TextEncoder().encode(fields.text("signed", maxTextLength)),
      signature: Uint8Array.fromBase64(signature),
    };
  } catch (cause) {
    if (cause instanceof SyntaxError) throw fields.refuse("has a signature that is no base64", cause);
    throw cause;
  }
}

export function formatSignedText({ text, signature }: SignedText): Uint8Array {
  const signed = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  return new TextEncoder().encode(`${JSON.stringify({ format, signed, signature: signature.toBase64() })}\n`);
}
