// What sfdisk prints about a GPT, and the script that is made of it.
import { deepEqual, equal } from "node:assert/strict";
import { applyChanges, parseSfdiskJson, sfdiskScript } from "../../src/format/partition-table.ts";
import { decoded, type Target, textOf } from "../target.ts";

const uuid = "0A1B2C3D-0A1B-0A1B-0A1B-0A1B2C3D4E5F";
const seed = {
  partitiontable: {
    label: "gpt",
    id: uuid,
    device: "/dev/sda",
    unit: "sectors",
    firstlba: 34,
    lastlba: 99999,
    "table-length": 256,
    sectorsize: 512,
    partitions: [
      { node: "/dev/sda1", start: 2048, size: 4096, type: uuid, uuid, name: "esp", attrs: "RequiredPartition" },
      {
        node: "/dev/sda2",
        start: "8192",
        size: 4096,
        type: uuid,
        uuid,
        name: 'a"\\\n\u00e9',
        attrs: "GUID:60,63 LegacyBIOSBootable",
      },
    ],
  },
};

export const target: Target = {
  name: "partition-table",
  covers: ["src/format/partition-table.ts", "src/format/partition-attributes.ts"],
  seeds: () => [JSON.stringify(seed), JSON.stringify({ partitiontable: { ...seed.partitiontable, partitions: [] } })],
  run(bytes) {
    const table = decoded(() => parseSfdiskJson(textOf(bytes)));
    if (table === undefined) return;
    deepEqual(applyChanges(table, []), table);
    const script = decoded(() => sfdiskScript(table, []));
    if (script === undefined) return;
    // Whatever labels hold, each partition is one line and nothing else is.
    const lines = script.split("\n");
    equal(lines.slice(lines.indexOf("")).filter((line) => line !== "").length, table.partitions.length);
  },
};
