import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loaderVariablesContract } from "../../port/loader-variables.contract.ts";
import { nodeProcess } from "../process/node-process.ts";
import { efiVariables } from "./efi-variables.ts";

const host = nodeProcess({ root: "/" });
const suffix = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-efi-"));
  try {
    await body(folder);
  } finally {
    await host.run("chattr", ["-R", "-i", "--", folder]);
    await rm(folder, { recursive: true, force: true });
  }
}

loaderVariablesContract("efiVariables in a folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-efi-"));
  return {
    loader: efiVariables({ root: "/", process: host, folder }),
    async done() {
      await host.run("chattr", ["-R", "-i", "--", folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
});

test("the bytes are those of the boot loader interface: attributes 7, UTF-16LE, a NUL", async () => {
  await withFolder(async (folder) => {
    await efiVariables({ root: "/", process: host, folder }).write("LoaderEntryOneShot", "a+1");
    const bytes = await readFile(join(folder, `LoaderEntryOneShot-${suffix}`));
    assert.equal(bytes.toString("hex"), "0700000061002b0031000000");
  });
});

test("the tree of another machine has no variables", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, `LoaderInfo-${suffix}`), Buffer.from("\x06\0\0\0s\0\0\0", "latin1"));
    assert.equal(await efiVariables({ root: "/", process: host, folder }).read("LoaderInfo"), "s");
    const other = efiVariables({ root: "/srv/tree", process: host, folder });
    assert.deepEqual([other.available, await other.read("LoaderInfo")], [false, undefined]);
    await assert.rejects(other.write("LoaderEntryOneShot", "x"), { code: "io-error" });
    assert.equal(efiVariables({ root: "/", process: host, folder: join(folder, "none") }).available, false);
  });
});

test("a variable shorter than its attributes is an error and not an empty text", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, `LoaderInfo-${suffix}`), "abc");
    await assert.rejects(efiVariables({ root: "/", process: host, folder }).read("LoaderInfo"), { code: "io-error" });
  });
});

test("a variable that was never written is none: nothing may stop at it", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, `LoaderEntryOneShot-${suffix}`), "");
    assert.equal(await efiVariables({ root: "/", process: host, folder }).read("LoaderEntryOneShot"), undefined);
  });
});
