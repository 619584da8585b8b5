import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { firmwareContract } from "../../port/firmware.contract.ts";
import { efiFirmware } from "./efi-firmware.ts";

const guids = {
  SecureBoot: "8be4df61-93ca-11d2-aa0d-00e098032b8c",
  SetupMode: "8be4df61-93ca-11d2-aa0d-00e098032b8c",
  db: "d719b2cb-3d3a-4596-a3bc-dad00e67656f",
  dbx: "d719b2cb-3d3a-4596-a3bc-dad00e67656f",
  MokListRT: "605dab50-e046-4300-abb6-3dd810dd8b23",
  MokListXRT: "605dab50-e046-4300-abb6-3dd810dd8b23",
  MokSBStateRT: "605dab50-e046-4300-abb6-3dd810dd8b23",
  SbatLevelRT: "605dab50-e046-4300-abb6-3dd810dd8b23",
} as const;

async function folderWith(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-firmware-"));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

firmwareContract("efiFirmware in a folder", async (variables) => {
  const folder = await folderWith(
    Object.fromEntries(
      [...variables].map(([name, value]) => [
        `${name}-${guids[name]}`,
        Buffer.concat([Buffer.from([6, 0, 0, 0]), value]),
      ]),
    ),
  );
  return {
    firmware: efiFirmware({ root: "/", folder }),
    done: () => rm(folder, { recursive: true }),
  };
});

test("the tree of another machine, and a folder where nothing is mounted, have no firmware", async () => {
  const folder = await folderWith({ [`SecureBoot-${guids.SecureBoot}`]: Buffer.from([6, 0, 0, 0, 1]) });
  const empty = await folderWith({});
  try {
    const other = efiFirmware({ root: "/srv/tree", folder });
    assert.deepEqual([other.available, await other.read("SecureBoot")], [false, undefined]);
    assert.equal(efiFirmware({ root: "/", folder: empty }).available, false);
    assert.equal(efiFirmware({ root: "/", folder: join(folder, "none") }).available, false);
    assert.deepEqual(await readdir(empty), []);
  } finally {
    await rm(folder, { recursive: true });
    await rm(empty, { recursive: true });
  }
});

test("a variable shorter than its attributes is an error and not an empty value", async () => {
  const folder = await folderWith({ [`db-${guids.db}`]: Buffer.from([1, 2, 3]) });
  try {
    await assert.rejects(efiFirmware({ root: "/", folder }).read("db"), { code: "io-error" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
