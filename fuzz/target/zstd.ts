// What is said to be zstd, as the confined child decompresses it.
import { zstdCompressSync } from "node:zlib";
import { main } from "../../src/adapter/decoder/zst-worker.ts";
import { feedWorker } from "../fixture/worker-port.ts";
import type { Target } from "../target.ts";

export const target: Target = {
  name: "zstd",
  covers: ["src/adapter/decoder/inflate.ts", "src/adapter/decoder/zst-worker.ts"],
  lengthMax: 2048,
  seeds: () => [
    zstdCompressSync("demo"),
    zstdCompressSync(Buffer.alloc(100_000, "demo ")),
    Buffer.concat([zstdCompressSync("one"), zstdCompressSync("two")]),
    zstdCompressSync(Buffer.alloc(3 << 19)),
  ],
  async run(bytes) {
    await feedWorker(main, bytes);
  },
};
