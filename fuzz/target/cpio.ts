// The names in an initrd, which whoever published the release has made.
import { ok } from "node:assert/strict";
import { readCpio } from "../../src/format/cpio.ts";
import { writeCpio } from "../../src/format/cpio-writer.ts";
import { decodedLater, type Target } from "../target.ts";

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
}

const archive = writeCpio([
  { kind: "folder", path: "usr" },
  { kind: "file", path: "usr/init", bytes: new Uint8Array(30) },
  { kind: "link", path: "init", target: "usr/init" },
]);

export const target: Target = {
  name: "cpio",
  covers: ["src/format/cpio.ts"],
  seeds: () => [
    archive,
    Buffer.concat([archive, new Uint8Array(64), archive]),
    Buffer.concat([archive, Buffer.from("28b52ffd", "hex")]),
  ],
  async run(bytes) {
    const events = (await decodedLater(() => Array.fromAsync(readCpio(inPieces(bytes))))) ?? [];
    ok(events.length <= bytes.length / 110 + 1);
  },
};
