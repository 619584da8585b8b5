// `npm run docs:screens`: the pictures of terminals in docs/pictures, from real runs on a machine of the lab.
import { execFile } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { FaultServer } from "../lab/fault-server.ts";
import { makeMachine } from "../lab/machine-tree.ts";
import { Repository } from "../lab/repository.ts";
import { createSigningKey } from "../lab/signing.ts";
import { makeSmallRelease } from "../lab/small-release.ts";
import { checkout } from "./pages.ts";
import { terminalSvg } from "./terminal-svg.ts";

const run = promisify(execFile);

await using open = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "holdfast-screens-"));
open.defer(async () => rm(folder, { recursive: true, force: true }));
const sizes = { imageBytes: 22 << 20, kernelBytes: 12 << 20 };
const releases = await Promise.all(
  ["1", "2"].map((version) => makeSmallRelease(join(folder, version), { version, ...sizes })),
);
const key = await createSigningKey({ name: "Releases <releases@example.org>" });
const repository = await Repository.create(join(folder, "repository"), { key });
await repository.publish(...releases);
const server = open.use(await FaultServer.start(repository.folder));
const options = { source: `${server.url}/`, keyring: key.publicKeyring, installed: releases.slice(0, 1) };
const machine = await makeMachine(join(folder, "root"), options);

/** What a person at a terminal of 88 columns sees; progress as plain lines. */
async function screen(typed: string): Promise<{ readonly typed: string; readonly printed: string }> {
  const command = `stty cols 88; ${join(checkout, "bin")}/${typed} --root=${machine.root} 2> >(cat)`;
  const env = {
    ...process.env,
    TERM: "xterm-256color",
    NO_COLOR: "",
    COLUMNS: "88",
    LC_ALL: "C.UTF-8",
    SHELL: "/bin/bash",
  };
  const ended = run("script", ["-qec", command, "/dev/null"], { env }).catch(
    (error: { readonly stdout: string }) => error,
  );
  return { typed, printed: (await ended).stdout };
}

async function picture(name: string, ...typed: readonly string[]): Promise<void> {
  const screens = [];
  for (const each of typed) screens.push(await screen(each));
  const path = join(checkout, "docs/pictures", `${name}.svg`);
  await writeFile(path, terminalSvg(screens));
  console.log(path);
}

await picture("update", "holdfast update");
await picture("status", "holdfast status");
await truncate(join(machine.system, "os_2.erofs"), 0);
await picture("doctor", "holdfast doctor", "holdfast doctor --repair");
await picture("rollback", "holdfast rollback");
