// The Debian packages in a clean Debian: installed, at work, upgraded, removed and purged. A running update is never broken,
// and what Holdfast remembers outlives the package.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { buildDeb } from "../../packaging/build-deb.ts";
import { type DebianSuite, lintian, runInRoot, startInRoot, whyNoDebianRoot } from "./debian-root.ts";
import { PackageWorld } from "./world.ts";

const why = await whyNoDebianRoot();
/** `npm run test:package` has all of them. */
const isFull = process.env["HOLDFAST_PACKAGE"] === "full";
const suites: readonly DebianSuite[] = isFull ? ["bookworm", "trixie"] : ["bookworm"];

let world: PackageWorld;
before(async () => {
  if (why === undefined) world = await PackageWorld.create();
});
after(async () => world?.[Symbol.asyncDispose]());

const options = why === undefined ? {} : { skip: why };
/** Left alone, the package waits a while for what runs. */
const atOnce = { HOLDFAST_PACKAGE_WAIT: "0" };

async function treeOf(root: string, folder: string): Promise<readonly string[]> {
  const place = join(root, folder);
  return existsSync(place) ? (await readdir(place, { recursive: true })).toSorted() : [];
}

for (const debian of suites) {
  suite(`On a clean ${debian}`, options, () => {
    test("it installs, answers, turns nothing on, and goes without a trace", async () => {
      const root = await world.debian(debian);
      const etc = await treeOf(root, "etc");
      const inSystemd = await treeOf(root, "etc/systemd");
      await runInRoot(root, ["dpkg", "--install", "/packages/holdfast.deb", "/packages/initrd.deb"]);
      assert.equal(await runInRoot(root, ["holdfast", "--version"]), "holdfast 0.1.0\n");
      assert.deepEqual(await treeOf(root, "etc/systemd"), inSystemd);
      const none = await startInRoot(root, ["holdfast", "status"]).ended;
      assert.match(none.stderr, /^holdfast: Cannot find definitions: there are none in /);
      await runInRoot(root, ["ln", "-s", "/usr/bin/holdfast", "/usr/bin/systemd-sysupdate"]);
      assert.match(await runInRoot(root, ["systemd-sysupdate", "--version"]), /^systemd \d+ \(Holdfast 0\.1\.0\)\n/);
      await runInRoot(root, ["rm", "/usr/bin/systemd-sysupdate"]);
      assert.equal(await runInRoot(root, ["dpkg", "--verify"]), "");
      // As `holdfast enable` leaves them: they must not outlive what they name.
      for (const wanted of [
        "timers.target.wants/holdfast-update.timer",
        "boot-complete.target.requires/holdfast-boot.service",
      ]) {
        const link = join("etc/systemd/system", wanted);
        await mkdir(dirname(join(root, link)), { recursive: true });
        await symlink(`/usr/lib/systemd/system/${basename(wanted)}`, join(root, link));
      }
      await runInRoot(root, ["dpkg", "--purge", "holdfast", "holdfast-initrd"]);
      const left = (await treeOf(root, "etc")).filter((path) => !etc.includes(path));
      assert.deepEqual(left, ["systemd/system/boot-complete.target.requires"]);
      assert.deepEqual(await treeOf(root, "var/lib/holdfast"), []);
      assert.equal(existsSync(join(root, "usr/bin/holdfast")), false);
    });

    test("the initrd's parts are packed as they are, to the same bytes each time", async () => {
      const root = await world.debian(debian);
      await runInRoot(root, ["dpkg", "--install", "/packages/initrd.deb"]);
      for (const name of ["one", "two"]) await runInRoot(root, ["holdfast-initrd-cpio", `/tmp/${name}`]);
      await runInRoot(root, ["cmp", "/tmp/one", "/tmp/two"]);
      const listed = await runInRoot(root, ["sh", "-c", "cpio --quiet -t </tmp/one"]);
      const parts = await readdir(join(import.meta.dirname, "../../os/initrd/tree"), { recursive: true });
      assert.deepEqual(listed.trim().split("\n").toSorted(), [".", ...parts].toSorted());
    });

    test("an upgrade is refused while an update runs, which ends well whatever happens to the file", async () => {
      const { scene, offered } = await world.machine(debian);
      await using _ = scene;
      const { root } = scene.machine;
      await runInRoot(root, ["dpkg", "--install", "/packages/holdfast.deb"]);
      const image = "/os_2.erofs.gz";
      scene.server.misbehave({ path: image, stallAfterBytes: 1 << 18, times: 1 });
      const running = startInRoot(root, ["holdfast", "update", "--root=/"]);
      while (scene.server.bytesSent(image) < 1 << 18 && running.child.exitCode === null) await sleep(5);
      // It is in the middle for as long as we like.
      running.child.kill("SIGSTOP");
      for (const command of [
        ["--install", "/packages/newer.deb"],
        ["--remove", "holdfast"],
      ]) {
        const { code, stderr } = await startInRoot(root, ["dpkg", ...command], atOnce).ended;
        assert.equal(code, 1);
        const who = `holdfast: "holdfast update" (process ${running.child.pid}) is running\n`;
        assert.ok(stderr.includes(who), stderr);
        assert.match(stderr, /^holdfast: left as it is, since Holdfast is at work; try again when it is done, /m);
        assert.equal(await versionIn(root), "0.1.0-1 installed");
      }
      // Somebody else replaces the file, by what is no Holdfast at all.
      const place = join(root, "usr/bin/holdfast");
      await rm(place);
      await writeFile(place, "#!/bin/sh\nexit 99\n", { mode: 0o755 });
      running.child.kill("SIGCONT");
      const { code, stdout, stderr } = await running.ended;
      assert.equal(code, 0, `${stdout}${stderr}`);
      await scene.assertBootable(["1", "2"], offered);

      await runInRoot(root, ["dpkg", "--install", "/packages/newer.deb"]);
      assert.equal(await versionIn(root), "0.1.0-2 installed");
      await runInRoot(root, ["holdfast", "update", "--root=/"]);
      const state = await treeOf(root, "var/lib/holdfast");
      const journal = await readFile(join(root, "var/lib/holdfast/journal.jsonl"), "utf8");
      assert.ok(state.includes("versions/2.json"), state.join(" "));
      await runInRoot(root, ["dpkg", "--remove", "holdfast"]);
      await runInRoot(root, ["dpkg", "--purge", "holdfast"]);
      assert.deepEqual(await treeOf(root, "var/lib/holdfast"), state);
      assert.equal(await readFile(join(root, "var/lib/holdfast/journal.jsonl"), "utf8"), journal);
      await scene.assertBootable(["1", "2"], offered);
    });
  });
}

suite("The packages", options, () => {
  test("the same checkout gives the same bytes", async () => {
    const { holdfast, initrd } = world.packages;
    const output = join(world.world.folder, "again");
    const again = await buildDeb({ output, version: "0.1.0-1", compression: "none" });
    assert.deepEqual(await Promise.all(again.map(digestOf)), await Promise.all([holdfast, initrd].map(digestOf)));
  });

  if (isFull)
    test("lintian finds nothing, notices and pedantry included", async () => {
      const output = join(world.world.folder, "given-away");
      await buildDeb({ output, single: world.packages.single });
      assert.equal(await lintian("bookworm", output), "");
    });
});

function versionIn(root: string): Promise<string> {
  return runInRoot(root, ["dpkg-query", "--show", "--showformat=${Version} ${db:Status-Status}", "holdfast"]);
}

async function digestOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
