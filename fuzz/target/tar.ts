// An archive, as the confined child unpacks it, with everything it says judged as the parent does.
import { ok } from "node:assert/strict";
import { TarRules } from "../../src/adapter/decoder/tar-item.ts";
import { main } from "../../src/adapter/decoder/untar-worker.ts";
import { tarOf, withChecksums } from "../fixture/archive.ts";
import { feedWorker } from "../fixture/worker-port.ts";
import { decoded, type Target } from "../target.ts";

export const target: Target = {
  name: "tar",
  covers: ["src/adapter/decoder/untar-worker.ts", "src/adapter/decoder/sparse.ts", "src/adapter/decoder/tar-item.ts"],
  packages: ["tar-stream"],
  lengthMax: 5120,
  seeds: () => [
    tarOf([
      { name: "usr/", type: "5" },
      { name: "usr/demo", type: "0", content: "demo" },
      { name: "lib", type: "2", target: "usr" },
    ]),
    tarOf([
      { name: "hard", type: "1", target: "usr/demo" },
      { name: "fifo", type: "6" },
    ]),
    tarOf([
      { name: "pax", type: "x", content: "19 path=long/name\n27 mtime=1700000000.123456\n12 uid=7777\n" },
      { name: "short", type: "0", content: "x" },
    ]),
    tarOf([
      {
        name: "pax",
        type: "x",
        content:
          "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n26 GNU.sparse.name=sparse\n29 GNU.sparse.realsize=4096\n",
      },
      { name: "GNUSparseFile.0/sparse", type: "0", content: `1\n1024\n4\n${"\0".repeat(503)}data` },
    ]),
    tarOf([
      { name: "pax", type: "x", content: "23 GNU.sparse.size=100\n23 GNU.sparse.map=10,4\n" },
      { name: "old", type: "0", content: "data" },
    ]),
    tarOf([
      { name: "././@LongLink", type: "L", content: "long/name\0" },
      { name: "short", type: "0", content: "x" },
    ]),
  ],
  mend: withChecksums,
  async run(bytes) {
    const rules = new TarRules();
    const { said } = await feedWorker(main, bytes);
    for (const value of said) {
      if (value["type"] === "done") continue;
      const header = decoded(() => rules.header(value));
      ok(header === undefined || !header.path.split("/").includes(".."));
    }
  },
};
