// Which bytes of a boot image its signatures speak for, and where those are.
import { ok } from "node:assert/strict";
import { authenticodeRanges, readSignatures } from "../../src/format/authenticode.ts";
import { bytesReader, tinyPe, tinyUki, withCertificates } from "../../src/format/pe.fixture.ts";
import { readPe } from "../../src/format/pe.ts";
import { imageSignature } from "../fixture/signed-image.ts";
import { decoded, decodedLater, type Target } from "../target.ts";

export const target: Target = {
  name: "authenticode",
  covers: ["src/format/authenticode.ts", "src/format/pe.ts"],
  lengthMax: 8192,
  seeds: () => [
    tinyUki(),
    withCertificates(tinyUki(), [imageSignature]),
    withCertificates(tinyPe([[".text", "x"]]), [imageSignature.subarray(0, 40), imageSignature.subarray(0, 9)]),
  ],
  async run(bytes) {
    const image = await decodedLater(() => readPe(bytesReader(bytes)));
    if (image === undefined) return;
    const ranges = decoded(() => authenticodeRanges(image, bytes.length)) ?? [];
    ok(ranges.every(({ offset, length }) => offset >= 0 && length > 0 && offset + length <= bytes.length));
    ok(ranges.reduce((sum, { length }) => sum + length, 0) <= bytes.length, "no byte is hashed twice over");
    const signatures = (await decodedLater(() => readSignatures(bytesReader(bytes), image))) ?? [];
    ok(signatures.reduce((sum, { length }) => sum + length, 0) <= bytes.length);
  },
};
