import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Workshop } from "../../port/workshop.ts";
import { nodeWorkshop, workshopCache } from "./node-workshop.ts";

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-workshop-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function open(folder: string, signal: AbortSignal = new AbortController().signal): Promise<Workshop> {
  return nodeWorkshop({ cache: join(folder, "cache"), output: join(folder, "out"), say: () => undefined, signal });
}

test("An output folder that got nothing goes again, and what a killed build left in it goes too", async (t) => {
  const folder = await folderFor(t);
  await using first = await open(folder);
  await first.write(`${first.scratch}/a/b`, "x");
  await first[Symbol.asyncDispose]();
  assert.equal(existsSync(join(folder, "out")), false);

  await mkdir(join(folder, "out/.holdfast-build-4194304999"), { recursive: true });
  await using second = await open(folder);
  await second.write(join(folder, "out/os_1.efi"), "uki");
  await second[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(join(folder, "out")), ["os_1.efi"]);
});

test("Whatever the mask of whoever builds, folders of an image can be entered", async (t) => {
  const folder = await folderFor(t);
  const mask = process.umask(0o077);
  t.after(() => process.umask(mask));
  await using workshop = await open(folder);
  await workshop.write(`${workshop.scratch}/tree/usr/share/a`, "x");
  await workshop.copyFile(`${workshop.scratch}/tree/usr/share/a`, `${workshop.scratch}/tree/usr/lib/b`);
  assert.deepEqual(
    (await workshop.list(`${workshop.scratch}/tree`)).map(({ path, mode }) => [path, mode]),
    [
      ["usr", 0o755],
      ["usr/lib", 0o755],
      ["usr/lib/b", 0o644],
      ["usr/share", 0o755],
      ["usr/share/a", 0o644],
    ],
  );
});

test("Listing does not go through links, and sorts parents before what is in them", async (t) => {
  const folder = await folderFor(t);
  await using workshop = await open(folder);
  const tree = `${workshop.scratch}/tree`;
  await workshop.write(`${tree}/usr/bin/sh`, "#!", 0o755);
  await workshop.write(`${tree}/usr-old`, "x");
  await workshop.link(`${tree}/bin`, "usr/bin");
  const listed = await workshop.list(tree);
  assert.deepEqual(
    listed.map(({ path, kind, mode, target }) => [path, kind, kind === "file" ? mode : 0, target]),
    [
      ["bin", "link", 0, "usr/bin"],
      ["usr", "folder", 0, undefined],
      ["usr-old", "file", 0o644, undefined],
      ["usr/bin", "folder", 0, undefined],
      ["usr/bin/sh", "file", 0o755, undefined],
    ],
  );
  assert.deepEqual(await workshop.list(`${tree}/nothing`), []);
});

test("A written file replaces a link and does not write through it", async (t) => {
  const folder = await folderFor(t);
  await using workshop = await open(folder);
  await writeFile(join(folder, "host"), "host's");
  await symlink(join(folder, "host"), join(workshop.scratch, "link"));
  await workshop.write(join(workshop.scratch, "link"), "ours");
  assert.equal(new TextDecoder().decode(await workshop.read(join(folder, "host"))), "host's");
});

test("A program's failure is told in its own words, and an abort as it is", async (t) => {
  const folder = await folderFor(t);
  await using workshop = await open(folder);
  await assert.rejects(
    workshop.runInside("/", "/bin/sh", ["-c", "echo fine >&2; echo 'error: no room' >&2; echo bye >&2; exit 3"]),
    {
      code: "tool-failed",
      message: "Cannot build the image: error: no room",
    },
  );
  await assert.rejects(workshop.runInside("/", "/no/such-program", []), { code: "tool-failed" });
  assert.equal(await workshop.runInside("/", "/bin/sh", ["-c", "echo $A$HOME"], { env: { A: "a" } }), "a\n");
  const stop = new AbortController();
  await using other = await open(join(folder, "other"), stop.signal);
  setTimeout(() => stop.abort(new Error("stopped")), 50);
  await assert.rejects(other.runInside("/", "/bin/sh", ["-c", "sleep 60"]), { message: "stopped" });
});

test("The cache is the user's own unless HOLDFAST_CACHE says otherwise", () => {
  assert.equal(workshopCache({ HOLDFAST_CACHE: "/srv/cache", XDG_CACHE_HOME: "/x" }), "/srv/cache");
  assert.equal(workshopCache({ XDG_CACHE_HOME: "/x" }), "/x/holdfast");
  assert.match(workshopCache({}), /\/\.cache\/holdfast$/);
});
