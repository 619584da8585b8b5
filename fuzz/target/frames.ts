// What comes out of a confined child, which its input may have taken over.
import { deepEqual, ok } from "node:assert/strict";
import {
  type Frame,
  frameHead,
  FrameReader,
  joined,
  messageFrame,
  parseFault,
  parseMessage,
} from "../../src/adapter/confined/frame.ts";
import { decoded, type Target } from "../target.ts";

const data = (text: string): Uint8Array => joined([frameHead("data", text.length), Buffer.from(text)]);

function frames(chunks: readonly Uint8Array[]): readonly Frame[] {
  const reader = new FrameReader();
  const found: Frame[] = [];
  decoded(() => {
    for (const chunk of chunks) for (const frame of reader.read(chunk)) found.push(frame);
  });
  return found;
}

/** The pieces of data that follow one another, as one. */
function whole(all: readonly Frame[]): readonly string[] {
  return all.map(({ kind, bytes }) => (kind === "data" ? Buffer.from(bytes).toString("latin1") : `\0${kind}\0`));
}

export const target: Target = {
  name: "frames",
  covers: ["src/adapter/confined/frame.ts"],
  seeds: () => [
    joined([
      ...messageFrame("message", { status: 200, headers: {}, url: "http://a/" }),
      data("body"),
      frameHead("end", 0),
    ]),
    joined([...messageFrame("fault", { code: "too-large", message: "Cannot fetch", hint: "x", retriable: true })]),
    joined([frameHead("data", 0x10_0001)]),
  ],
  run(bytes) {
    const at = Math.floor(bytes.length / 2);
    const once = frames([bytes]);
    deepEqual(whole(frames([bytes.subarray(0, at), bytes.subarray(at)])).join(""), whole(once).join(""));
    ok(once.reduce((sum, frame) => sum + frame.bytes.length, 0) <= bytes.length);
    for (const frame of once) {
      if (frame.kind === "message") decoded(() => parseMessage(frame.bytes));
      if (frame.kind === "fault") decoded(() => parseFault(frame.bytes));
    }
  },
};
