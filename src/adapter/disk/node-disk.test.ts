import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { diskContract, get, put } from "../../port/disk.contract.ts";
import { readStart } from "../../port/small-file.ts";
import { nodeProcess } from "../process/node-process.ts";
import { nodeDisk } from "./node-disk.ts";

const host = nodeProcess({ root: "/" });

async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "holdfast-disk-")));
}

async function dispose(folder: string): Promise<void> {
  // A failed test may leave an immutable folder.
  await host.run("chattr", ["-R", "-i", "--", folder]);
  await rm(folder, { recursive: true, force: true });
}

diskContract("nodeDisk on the host", async () => {
  const folder = await temporaryFolder();
  return { disk: nodeDisk({ root: "/", process: host }), folder, done: () => dispose(folder) };
});

diskContract("nodeDisk on a tree", async () => {
  const root = await temporaryFolder();
  await mkdir(join(root, "machine"));
  return { disk: nodeDisk({ root, process: host }), folder: "/machine", done: () => dispose(root) };
});

test("the beginning of a file of the kernel is read, though it says that it has no byte", async () => {
  const disk = nodeDisk({ root: "/", process: host });
  assert.equal((await disk.stat("/proc/self/status"))?.sizeBytes, 0);
  assert.match(await readStart(disk, "/proc/self/status", 100), /^Name:/);
  assert.equal(await readStart(disk, "/proc/nothing"), "");
});

test("no link, absolute or climbing, leads out of the root", async () => {
  const outside = await temporaryFolder();
  try {
    const root = join(outside, "root");
    await mkdir(join(root, "etc"), { recursive: true });
    await mkdir(join(root, outside), { recursive: true });
    await writeFile(join(outside, "secret"), "outside");
    await writeFile(join(root, outside, "secret"), "inside");
    await writeFile(join(root, "secret"), "root");
    await symlink(join(outside, "secret"), join(root, "etc/absolute"));
    await symlink("../../secret", join(root, "etc/climbing"));
    await symlink(outside, join(root, "etc/folder"));
    const disk = nodeDisk({ root, process: host });
    const read = async (path: string): Promise<string> => Buffer.from(await get(disk, path)).toString();
    assert.equal(await read("/etc/absolute"), "inside");
    assert.equal(await read("/etc/climbing"), "root");
    assert.equal(await read("/etc/../../secret"), "root");
    assert.equal(await read("/etc/folder/secret"), "inside");
    await put(disk, "/etc/folder/new", Buffer.from("x"));
    await disk.remove("/etc/folder/secret");
    await disk.rename("/secret", "/etc/folder/moved");
    assert.equal(await readFile(join(outside, "secret"), "utf8"), "outside");
    assert.equal(await readFile(join(root, outside, "moved"), "utf8"), "root");
    assert.equal(await disk.resolve("/etc/folder/new"), `${outside}/new`);
    // A name that is not there, then up again: what follows is resolved like anything else, or refused.
    await assert.rejects(disk.remove("/none/../etc/folder/new"), { code: "not-found" });
    // More links than anyone follows, the first of them absolute.
    for (let index = 0; index < 42; index += 1)
      await symlink(index === 41 ? outside : `/etc/l${index + 1}`, join(root, `etc/l${index}`));
    await assert.rejects(disk.remove("/etc/l0/secret"), { code: "not-found" });
    assert.equal(await disk.stat("/etc/l0/secret"), undefined);
    assert.equal(await disk.resolve("/etc/l0/secret"), undefined);
    assert.equal(await readFile(join(outside, "secret"), "utf8"), "outside");
  } finally {
    await dispose(outside);
  }
});

test("a Fault names the path of the machine, not of the host, and says what to do", async () => {
  const root = await temporaryFolder();
  try {
    const disk = nodeDisk({ root, process: host });
    await assert.rejects(disk.open("/efi/x", "read"), {
      code: "not-found",
      message: "Cannot open /efi/x: it does not exist",
    });
    await assert.rejects(disk.makeFolder("/efi/x"), {
      code: "not-found",
      message: "Cannot make the folder /efi/x: it does not exist",
    });
  } finally {
    await dispose(root);
  }
});
