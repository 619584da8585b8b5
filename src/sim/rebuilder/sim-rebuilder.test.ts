import { gzipSync, zstdCompressSync } from "node:zlib";
import { rebuilderContract } from "../../port/rebuilder.contract.ts";
import { simRebuilder } from "./sim-rebuilder.ts";

rebuilderContract("The simulated Rebuilder", () => simRebuilder, { zstd: zstdCompressSync, gzip: gzipSync });
