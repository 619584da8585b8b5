// The firmware's lists of what it starts and what it does not: db, dbx, MokListRT.
import { ok } from "node:assert/strict";
import { signatureList, signatureLists } from "../../src/format/efi-signature-list.fixture.ts";
import { parseSignatureLists } from "../../src/format/efi-signature-list.ts";
import { decoded, type Target } from "../target.ts";

export const target: Target = {
  name: "efi-signature-list",
  covers: ["src/format/efi-signature-list.ts"],
  seeds: () => [
    signatureList("x509", new Uint8Array(60).fill(0x30)),
    signatureLists(
      signatureList("sha256", new Uint8Array(32)),
      signatureList("x509-sha256", new Uint8Array(32), "ea070203040506000000000000000000"),
      signatureList("x509-sha512", new Uint8Array(64)),
    ),
  ],
  run(bytes) {
    const found = decoded(() => parseSignatureLists(bytes)) ?? [];
    ok(found.reduce((sum, { data }) => sum + data.length, 0) <= bytes.length);
  },
};
