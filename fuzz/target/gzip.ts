// What is said to be gzip, as the confined child decompresses it.
import { gzipSync } from "node:zlib";
import { main } from "../../src/adapter/decoder/gz-worker.ts";
import { feedWorker } from "../fixture/worker-port.ts";
import type { Target } from "../target.ts";

export const target: Target = {
  name: "gzip",
  covers: ["src/adapter/decoder/inflate.ts", "src/adapter/decoder/gz-worker.ts"],
  lengthMax: 2048,
  seeds: () => [
    gzipSync("demo"),
    gzipSync(Buffer.alloc(100_000, "demo ")),
    Buffer.concat([gzipSync("one"), gzipSync("two")]),
    gzipSync(Buffer.alloc(3 << 19)),
  ],
  async run(bytes) {
    await feedWorker(main, bytes);
  },
};
