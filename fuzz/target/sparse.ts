// The map of a sparse file: in a header (a line of JSON), or before the content (what follows it).
import { equal } from "node:assert/strict";
import { expandSparse, sparseOf } from "../../src/adapter/decoder/sparse.ts";
import { decoded, decodedLater, type Target } from "../target.ts";

const expandedBytesMax = 1 << 20;

function headerOf(bytes: Uint8Array): { name: string; pax: Record<string, string> } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const pax = Object.entries(value).map(([key, text]) => [`GNU.sparse.${key}`, String(text)]);
    return { name: "sparse", pax: Object.fromEntries(pax) as Record<string, string> };
  } catch {
    return undefined;
  }
}

export const target: Target = {
  name: "sparse",
  covers: ["src/adapter/decoder/sparse.ts"],
  seeds: () => [
    `{"major":"1","realsize":"4096"}\n1\n1024\n4\n${"\0".repeat(503)}data`,
    `{"size":"100","map":"10,4,20,4"}\ndatadata`,
    `{"size":"100","map":""}\n`,
    `{"major":"1","realsize":"9"}\n0\n${"\0".repeat(510)}`,
  ],
  async run(bytes) {
    const end = bytes.indexOf(0x0a);
    const header = headerOf(bytes.subarray(0, Math.max(0, end)));
    const map = header === undefined ? undefined : decoded(() => sparseOf(header));
    if (map === undefined) return;
    const content = (async function* () {
      yield bytes.subarray(end + 1);
    })();
    let expanded = 0;
    await decodedLater(async () => {
      for await (const piece of expandSparse(map, content)) {
        expanded += piece.length;
        if (expanded > expandedBytesMax) return;
      }
      equal(expanded, map.sizeBytes);
    });
  },
};
