// Lets Holdfast leave its compiled sources behind, once, for guests: under emulation compiling takes half of an update.
import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeMachine } from "../machine-tree.ts";
import type { LabRelease } from "../release.ts";
import { Repository } from "../repository.ts";
import type { SigningKey } from "../signing.ts";
import { warming } from "./job.ts";

const program = join(import.meta.dirname, "../../../bin/holdfast");

/**
 * Updates a machine in a folder of `folder` from the first release to the second. What becomes of it does
 * not matter. What was compiled before stays, another run may be reading it: Node takes only what is of these sources.
 */
export async function warmUp(folder: string, key: SigningKey, first: LabRelease, second: LabRelease): Promise<void> {
  const root = join(folder, "warm-up");
  await mkdir(root, { recursive: true });
  await (await Repository.create(join(root, "repository"), { key })).publish(first, second);
  await makeMachine(root, {
    source: "file:///repository",
    installed: [first],
    keyring: key.publicKeyring,
    index: true,
  });
  for (const command of [["update"], ["rollback", first.version]]) {
    const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", ...warming };
    const child = spawn(program, [...command, "--root", root], { cwd: "/", env, stdio: "ignore" });
    await new Promise((resolve) => child.once("error", resolve).once("close", resolve));
  }
  await rm(root, { recursive: true });
}
