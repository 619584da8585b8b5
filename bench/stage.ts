// What the benches are played on: a release with an image of any size, published on a web server, and fresh machines.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LabMachine, makeMachine } from "../tools/lab/machine-tree.ts";
import { describeFile, publishedName, type LabRelease } from "../tools/lab/release.ts";
import { Repository } from "../tools/lab/repository.ts";
import { createSigningKey } from "../tools/lab/signing.ts";
import { makeSmallRelease } from "../tools/lab/small-release.ts";

export const checkout: string = dirname(dirname(fileURLToPath(import.meta.url)));

export const holdfast: string = join(checkout, "bin/holdfast");

/** On the disk of the checkout, not on a /tmp that may be memory. */
export const benchFolder: string = join(checkout, ".cache/bench");

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly image: string;
  /** A machine with release 1, small, and release 2 to be had. */
  freshMachine(): Promise<LabMachine>;
}

/** `sparse`: the image is a hole of that size, which the server reads without any disk. */
export async function makeStage(name: string, imageBytes: number, sparse: boolean): Promise<Stage> {
  const folder = join(benchFolder, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const installed = await makeSmallRelease(join(folder, "one"), { version: "1" });
  const next = await replaceImage(
    folder,
    await makeSmallRelease(join(folder, "two"), { version: "2" }),
    imageBytes,
    sparse,
  );
  const key = await createSigningKey();
  const repository = await Repository.create(join(folder, "repository"), { key });
  await repository.publish(installed, next);
  const { child, url } = await startServer(repository.folder);
  let machines = 0;
  let last: string | undefined;
  return {
    url,
    image: publishedName("os", "2", "image"),
    freshMachine: async () => {
      if (last !== undefined) await rm(last, { recursive: true, force: true });
      last = join(folder, `machine-${++machines}`);
      return makeMachine(last, { source: `${url}/`, keyring: key.publicKeyring, installed: [installed] });
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin?.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function replaceImage(
  folder: string,
  release: LabRelease,
  sizeBytes: number,
  sparse: boolean,
): Promise<LabRelease> {
  const path = join(folder, "image");
  await using file = await open(path, "w");
  if (sparse) await file.truncate(sizeBytes);
  else
    for (let written = 0; written < sizeBytes; written += 1 << 20)
      await file.write(randomBytes(Math.min(1 << 20, sizeBytes - written)));
  await file.sync();
  const image = await describeFile("image", publishedName(release.name, release.version, "image"), path);
  return { ...release, files: release.files.map((each) => (each.role === "image" ? image : each)) };
}

async function startServer(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const script = join(dirname(fileURLToPath(import.meta.url)), "server.ts");
  const child = spawn(process.execPath, [script, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (bytes) => resolve(String(bytes).trim()));
    child.once("error", reject).once("close", () => reject(new Error("Cannot start the web server of the benches")));
  });
  return { child, url };
}
