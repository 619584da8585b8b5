// The pair of SHA256SUMS and its signature cannot be replaced at once. Held open between the two, an unmodified systemd-sysupdate
// fails closed and changes nothing; Holdfast updates through the index meanwhile; and the next try succeeds.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { realMachine } from "../../src/adapter/machine.ts";
import type { Disk } from "../../src/port/disk.ts";
import { commitStaged } from "../../src/publish/commit.ts";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import { type LabMachine, makeMachine } from "../../tools/lab/machine-tree.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { holdfast } from "../e2e/run.ts";
import { Place, whyNoReleases } from "../publish/releases.ts";
import { hasGpg, runPeer } from "./run-peer.ts";

async function expect(...args: readonly string[]): Promise<void> {
  const ended = await holdfast(args);
  assert.equal(ended.code, 0, `${ended.stdout}${ended.stderr}`);
}

/** Stands still before SHA256SUMS itself is replaced. */
function heldOpen(disk: Disk, atGap: () => Promise<void>): Disk {
  return new Proxy(disk, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "replace") return value.bind(target) as unknown;
      return async (from: string, to: string): Promise<void> => {
        if (to.endsWith("/SHA256SUMS")) await atGap();
        return target.replace(from, to);
      };
    },
  });
}

const installed = async (machine: LabMachine): Promise<readonly string[]> =>
  [...(await readdir(machine.system)), ...(await readdir(machine.entries))].toSorted();

async function hold(t: TestContext, peer: string): Promise<void> {
  const missing = await whyNoReleases();
  if (missing !== undefined) return t.skip(missing);
  const tools = await ensureTools([peer]);
  if (tools.missing.length > 0) return t.skip(describeMissing(tools.missing).join(" "));
  if (!(await hasGpg())) return t.skip("there is no gpg on this machine, by which systemd-sysupdate verifies");
  await using place = await Place.create();
  const { repository } = place;
  const [one, two] = [await place.release("1"), await place.release("2")];
  const files = (release: typeof one): readonly string[] => release.files.map(({ path }) => path);
  await expect("repo", "init", repository, "--key", place.keyFile, "--deltas=0");
  await expect("repo", "add", repository, "--version=1", ...files(one));
  await expect("repo", "commit", repository);
  await expect("repo", "add", repository, "--version=2", ...files(two));

  await using server = await FaultServer.start(repository);
  const options = { source: server.url, keyring: place.key.publicKeyring, installed: [one] };
  const theirs = await makeMachine(join(place.folder, "theirs"), options);
  const ours = await makeMachine(join(place.folder, "ours"), options);
  const before = await installed(theirs);
  const after = ["os_1.efi", "os_1.erofs", "os_2+3-0.efi", "os_2.erofs"];

  let gaps = 0;
  await using machine = realMachine({ progress: { report: () => undefined } });
  const disk = heldOpen(machine.disk, async () => {
    gaps += 1;
    const ran = await runPeer(tools.path(peer), theirs, []);
    assert.notEqual(ran.exitCode, 0, ran.output);
    assert.deepEqual(await installed(theirs), before);
    await expect("update", "--root", ours.root);
    assert.deepEqual(await installed(ours), after);
  });
  const signal = new AbortController().signal;
  await commitStaged({ machine: { ...machine, disk }, folder: repository, signal }, false);
  assert.equal(gaps, 1);

  const ran = await runPeer(tools.path(peer), theirs, []);
  assert.equal(ran.exitCode, 0, ran.output);
  assert.deepEqual(await installed(theirs), after);
}

for (const peer of ["systemd-sysupdate-257", "systemd-sysupdate-262"])
  test(`${peer} fails closed between signature and list, and succeeds on its next try`, async (t) => hold(t, peer));
