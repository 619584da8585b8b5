// A unified kernel image or any other EFI program, as it lies on the ESP.
import { ok } from "node:assert/strict";
import { tinyPe, tinyUki } from "../../src/format/pe.fixture.ts";
import { readUki } from "../../src/format/uki.ts";
import { decodedLater, type Target } from "../target.ts";

/** Headers, and every section of text once for each profile, of which an image has few. */
const readBytesMax = 8 << 20;

export const target: Target = {
  name: "uki",
  covers: ["src/format/pe.ts", "src/format/uki.ts"],
  lengthMax: 8192,
  seeds: () => [
    tinyUki(),
    tinyPe([
      [".osrel", "ID=demo\nVERSION_ID=5\n"],
      [".cmdline", "quiet"],
      [".sbat", "sbat,1\n"],
      [".profile", "ID=main\nTITLE=Main\n"],
      [".profile", "ID=other\n"],
      [".cmdline", "single"],
    ]),
    tinyPe([[".text", "no kernel"]]),
  ],
  async run(bytes) {
    let read = 0;
    const uki = await decodedLater(() =>
      readUki({
        sizeBytes: bytes.length,
        read: async (offset, length) => {
          ok(offset >= 0 && length >= 0 && offset + length <= bytes.length, `${length} bytes at ${offset}`);
          read += length;
          return bytes.slice(offset, offset + length);
        },
      }),
    );
    ok(read <= readBytesMax, `${read} bytes read of ${bytes.length}`);
    if (uki !== undefined) ok(uki.profiles.length > 0 && uki.sections.length > 0);
  },
};
