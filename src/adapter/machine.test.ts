import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { realMachine } from "./machine.ts";
import { silentProgress } from "./progress/progress.ts";

test("the tree of a machine is wired so that everything stays inside it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-machine-"));
  try {
    await mkdir(join(folder, "tree/etc"), { recursive: true });
    await writeFile(join(folder, "tree/etc/os-release"), "ID=test\n");
    await symlink("tree", join(folder, "link"));
    await using machine = realMachine({ root: join(folder, "link"), progress: silentProgress, env: {} });
    assert.deepEqual(
      (await machine.disk.list("/etc")).map((item) => item.name),
      ["os-release"],
    );
    assert.equal(machine.loader.available, false);
    assert.equal(await machine.process.bootId(), undefined);
    {
      await using _held = await machine.lock.acquire("/etc/lock", "test", 0);
      assert.equal((await machine.lock.owner("/etc/lock"))?.command, "test");
    }
    await assert.rejects(machine.verifier.verify(new Uint8Array(), new Uint8Array(), new Uint8Array(), 0), {
      code: "damaged-signature",
    });
    await assert.rejects(machine.http.request({ url: "http://127.0.0.1:1/", method: "GET", maxBytes: 1 }), {
      code: "connection-lost",
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a root that is not there is a Fault", () => {
  assert.throws(() => realMachine({ root: "/no/such/tree", progress: silentProgress }), {
    code: "not-found",
    message: "Cannot use /no/such/tree as the root of a machine: it does not exist",
  });
  assert.throws(() => realMachine({ root: "/etc/passwd", progress: silentProgress }), {
    code: "not-a-folder",
    message: "Cannot use /etc/passwd as the root of a machine: it is not a folder",
  });
});
