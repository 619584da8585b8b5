// Writes EFI signature lists (UEFI 32.4.1): one list for each signature, as its certificates have different lengths.
import type { EfiSignatureKind } from "./efi-signature-list.ts";

const guids: Readonly<Record<Exclude<EfiSignatureKind, "other">, string>> = {
  x509: "a159c0a5e494a74a87b5ab155c2bf072",
  sha256: "2616c4c14c509240aca941f936934328",
  "x509-sha256": "92a4d23bc0967940b420fcf98ef103ed",
  "x509-sha384": "6e877670c280e64eaad228b349a6865b",
  "x509-sha512": "63bf6d440225da4cbcfa2465d2b0fe9d",
};

const owner = "44332211665588779900aabbccddeeff";

/** `revoked`: an EFI_TIME in hex, for digests of certificates; for ever when absent. */
export function signatureList(
  kind: keyof typeof guids,
  data: Uint8Array,
  revoked: string = "00".repeat(16),
): Uint8Array {
  const isTimed = kind !== "x509" && kind !== "sha256";
  const body = [...data, ...(isTimed ? Buffer.from(revoked, "hex") : [])];
  const sizes = new Uint8Array(Uint32Array.of(28 + 16 + body.length, 0, 16 + body.length).buffer);
  return Uint8Array.from([...Buffer.from(guids[kind], "hex"), ...sizes, ...Buffer.from(owner, "hex"), ...body]);
}

export function signatureLists(...lists: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(lists.flatMap((list) => [...list]));
}
