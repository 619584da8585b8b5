// Decompresses zstd in the confined child: all frames, with windows up to zstd's own default limit of 128 MiB.
import { createZstdDecompress } from "node:zlib";
import type { WorkerMain } from "../confined/worker.ts";
import { inflate, outputPieceBytes } from "./inflate.ts";

export const main: WorkerMain = (port) => inflate(port, createZstdDecompress({ chunkSize: outputPieceBytes }));
