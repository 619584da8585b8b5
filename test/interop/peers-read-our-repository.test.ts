// Unmodified systemd-sysupdate and Holdfast, given the same signed repository, end with the same files (DESIGN, Compatibility).
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import { type LabMachine, makeMachine } from "../../tools/lab/machine-tree.ts";
import { sha256OfFile } from "../../tools/lab/release.ts";
import { Repository } from "../../tools/lab/repository.ts";
import { createSigningKey } from "../../tools/lab/signing.ts";
import { makeSmallRelease } from "../../tools/lab/small-release.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { hasGpg, run, runPeer } from "./run-peer.ts";

const holdfast = join(import.meta.dirname, "../../bin/holdfast");

/** What is installed: names below the ESP's entries and the system folder, with their digests. */
async function installed(machine: LabMachine): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const folder of [machine.entries, machine.system])
    for (const name of await readdir(folder)) found[name] = await sha256OfFile(join(folder, name));
  return found;
}

async function compareWith(t: TestContext, peer: string): Promise<void> {
  const tools = await ensureTools([peer]);
  if (tools.missing.length > 0) return t.skip(describeMissing(tools.missing).join(" "));
  if (!existsSync("/etc/systemd")) return t.skip("this machine has no folder /etc/systemd to show a keyring in");
  const verifies = await hasGpg();
  if (!verifies) t.diagnostic("there is no gpg on this machine: systemd-sysupdate runs with --verify=no");
  const place = await mkdtemp(join(tmpdir(), "holdfast-peers-"));
  try {
    const key = await createSigningKey();
    const [first, second] = await Promise.all([
      makeSmallRelease(join(place, "first"), { version: "1" }),
      makeSmallRelease(join(place, "second"), { version: "2" }),
    ]);
    const repository = await Repository.create(join(place, "repository"), { key });
    await repository.publish(first, second);
    await using server = await FaultServer.start(repository.folder);
    const options = { source: server.url, keyring: key.publicKeyring, installed: [first] };
    const theirs = await makeMachine(join(place, "theirs"), options);
    const ours = await makeMachine(join(place, "ours"), options);
    const ranPeer = await runPeer(tools.path(peer), theirs, verifies ? [] : ["--verify=no"]);
    assert.equal(ranPeer.exitCode, 0, ranPeer.output);
    assert.equal(server.requests("/SHA256SUMS.gpg").length, verifies ? 1 : 0);
    const ranOurs = await run(holdfast, ["update", "--root", ours.root]);
    assert.equal(ranOurs.exitCode, 0, ranOurs.output);
    const files = await installed(theirs);
    assert.deepEqual(Object.keys(files).toSorted(), ["os_1.efi", "os_1.erofs", "os_2+3-0.efi", "os_2.erofs"]);
    assert.deepEqual(await installed(ours), files);
    // Neither finds anything left to do in what the other installed.
    const again = await run(holdfast, ["update", "--root", theirs.root]);
    assert.equal(again.exitCode, 0, again.output);
    assert.deepEqual(await installed(theirs), files);
    const peerAgain = await runPeer(tools.path(peer), ours, verifies ? [] : ["--verify=no"]);
    assert.equal(peerAgain.exitCode, 0, peerAgain.output);
    assert.deepEqual(await installed(ours), files);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

for (const peer of ["systemd-sysupdate-257", "systemd-sysupdate-262"])
  test(`${peer} and Holdfast update from one repository to the same files`, async (t) => compareWith(t, peer));
