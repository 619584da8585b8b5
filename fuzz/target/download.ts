// A server that answers a resumed download with what it likes: answers parted by a 0x1e byte, each a status, headers, a body.
import { deepEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { downloadResource } from "../../src/agent/acquire/download-resource.ts";
import { parseSha256, parseVersion } from "../../src/base/ids.ts";
import { memoryFile, scriptedSession } from "../fixture/session.ts";
import { decodedLater, type Target } from "../target.ts";

const text = "0123456789abcdefghijklmnopqrstuvwxyz";
const content = new TextEncoder().encode(text);
const sha256 = parseSha256(createHash("sha256").update(content).digest("hex"));

export const target: Target = {
  name: "download",
  covers: ["src/agent/acquire/download-resource.ts", "src/agent/acquire/download.ts"],
  lengthMax: 1024,
  seeds: () => [
    `200\netag: "a"\n\n${text}`,
    `206\ncontent-range: bytes 10-35/36\n\n${text.slice(10)}`,
    `206\ncontent-range: bytes 10-35/36\n\n${text.slice(10, 20)}\x1e206\ncontent-range: bytes 20-35/36\n\n${text.slice(20)}`,
    `503\n\n\x1e416\n\n\x1e200\n\n<!doctype html>\x1e404\n\n`,
    `206\ncontent-range: bytes 0-35/36\n\n${text}`,
  ],
  async run(bytes) {
    const file = memoryFile(content.slice(0, 10));
    const session = scriptedSession(bytes);
    const offer = {
      transfer: "10-image",
      version: parseVersion("5"),
      name: "demo_5.raw",
      location: "http://example.org/demo_5.raw",
      remote: true,
      shape: { kind: "bytes", compression: undefined },
      fields: { version: parseVersion("5") },
      evidence: "listed",
      sha256,
      sizeBytes: undefined,
    } as const;
    const done = await decodedLater(() =>
      downloadResource(session, {
        offer,
        file,
        resumeBytes: 10,
        onBytes: () => undefined,
        onFlushed: async () => undefined,
      }),
    );
    // Whoever asked for it cuts off what an earlier, longer answer may have left behind.
    if (done !== undefined) deepEqual(file.content().subarray(0, done.sizeBytes), content);
  },
};
