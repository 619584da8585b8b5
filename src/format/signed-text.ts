// A signed text in one file, so that text and signature cannot be replaced one without the other (incident E34): the
// envelope of `holdfast.json`. What is signed is the text itself, byte for byte, and it is not parsed before it is proven.
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

/** Throws a Fault (`release-file-damaged`). */
export function parseSignedText(what: string, bytes: Uint8Array): SignedText {
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
