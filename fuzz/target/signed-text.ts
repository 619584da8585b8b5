// A signed text and its signature in one file, the outside of `holdfast.json`.
import { deepEqual } from "node:assert/strict";
import { formatSignedText, parseSignedText } from "../../src/format/signed-text.ts";
import { decoded, type Target } from "../target.ts";

export const target: Target = {
  name: "signed-text",
  covers: ["src/format/signed-text.ts", "src/format/json-fields.ts"],
  seeds: () => [
    JSON.stringify({ format: 1, signed: '{"format": 1}\n', signature: "AP8=" }),
    JSON.stringify({ format: 2, signed: "", signature: "" }),
  ],
  run(bytes) {
    const signed = decoded(() => parseSignedText("it", bytes));
    if (signed !== undefined) deepEqual(parseSignedText("it", formatSignedText(signed)), signed);
  },
};
