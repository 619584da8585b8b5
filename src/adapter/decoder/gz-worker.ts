// Decompresses gzip in the confined child: all members, as gzip(1) does.
import { createGunzip } from "node:zlib";
import type { WorkerMain } from "../confined/worker.ts";
import { inflate, outputPieceBytes } from "./inflate.ts";

export const main: WorkerMain = (port) => inflate(port, createGunzip({ chunkSize: outputPieceBytes }));
