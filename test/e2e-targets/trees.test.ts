// Targets of types directory and subvolume: archives and folders become trees, exactly, or nothing at all.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { doctorMachine } from "../../src/agent/command/doctor.ts";
import { vacuumMachine } from "../../src/agent/command/vacuum.ts";
import { compress, type Item, tarOf } from "./archives.ts";
import { tarTransfer, treeTransfer } from "./parts.ts";
import { noise, sha256, transfer, World } from "./world.ts";

const run = promisify(execFile);
const isRoot = process.geteuid?.() === 0;

async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  await using world = await World.make();
  await body(world);
}

const longName = `${"long".repeat(30)}/${"name".repeat(40)}`;

/** A folder with everything a system's tree has. */
async function makeTree(folder: string, version: string): Promise<void> {
  await mkdir(join(folder, "bin"), { recursive: true });
  await mkdir(join(folder, "locked"));
  await mkdir(join(folder, longName, ".."), { recursive: true });
  await writeFile(join(folder, "bin/tool"), `#!/bin/sh\necho ${version}\n`);
  await chmod(join(folder, "bin/tool"), 0o4755);
  await link(join(folder, "bin/tool"), join(folder, "bin/alias"));
  await symlink("tool", join(folder, "bin/link"));
  await symlink("/nowhere/at all", join(folder, "dangling"));
  await writeFile(join(folder, "empty"), "");
  await writeFile(join(folder, longName), version);
  await writeFile(join(folder, "locked/data"), noise(version, 100_000));
  await utimes(join(folder, "locked/data"), 1_600_000_000, 1_600_000_000);
  await chmod(join(folder, "locked"), 0o555);
  await chmod(join(folder, "empty"), 0o600);
  if (isRoot)
    await run("chown", ["-h", "123:456", join(folder, "empty"), join(folder, "dangling"), join(folder, "locked")]);
}

/** Every name with kind, mode, owner, target and content. */
async function describe(folder: string): Promise<readonly string[]> {
  const { stdout } = await run("find", [folder, "-printf", "%P %y %m %U:%G %l %n\\n"], { maxBuffer: 1 << 24 });
  const lines = stdout.trimEnd().split("\n").toSorted();
  return Promise.all(
    lines.map(async (line) => {
      const [path, kind] = [line.slice(0, line.search(/ [fdl] \d/)), / ([fdl]) \d/.exec(line)?.[1]];
      if (kind === "d") return line.replace(/ \d+$/, "");
      return kind === "f" ? `${line} ${sha256(await readFile(join(folder, path)))}` : line;
    }),
  );
}

/** Its names, modes, owners, links and bytes, but not how often files are linked: a copied tree has each by itself. */
const withoutLinks = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/ \d+( [0-9a-f]{64})$/, "$1"));

for (const [suffix, flag] of [
  ["", ""],
  [".gz", "--gzip"],
  [".xz", "--xz"],
  [".zst", "--zstd"],
] as const) {
  test(`app.tar${suffix} becomes a folder with owners, modes, links, long names and empty files as they were`, async () => {
    await withWorld(async (world) => {
      await world.define("app.transfer", tarTransfer(world, suffix, { CurrentSymlink: "/opt/app/current" }));
      const source = join(world.outside, "tree");
      await makeTree(source, "1");
      const archive = join(world.outside, `app.tar${suffix}`);
      const form = suffix === ".gz" ? "gnu" : "pax";
      await run("tar", [
        "--create",
        `--format=${form}`,
        ...(flag === "" ? [] : [flag]),
        "--file",
        archive,
        "-C",
        source,
        ".",
      ]);
      await world.publish({ [`app_1.tar${suffix}`]: await readFile(archive) });
      assert.equal((await world.update()).outcome, "done");
      assert.deepEqual(await describe(world.host("/opt/app/app_1")), await describe(source));
      assert.equal(Math.floor((await stat(world.host("/opt/app/app_1/locked/data"))).mtimeMs), 1_600_000_000_000);
      assert.equal(await readlink(world.host("/opt/app/current")), "app_1");
      assert.deepEqual(
        (await world.list("/opt/app")).filter(
          (name) => !name.includes("/", name.indexOf("/") + 1) && name.startsWith("."),
        ),
        [],
      );
      assert.equal((await world.update()).outcome, "nothing-to-do");
      assert.equal((await doctorMachine(world.session(), { deep: true, repair: false })).healthy, true);
    });
  });
}

test("Type=tar takes a local archive, and folders the archive does not name are made", async () => {
  await withWorld(async (world) => {
    await world.define(
      "app.transfer",
      treeTransfer({ Type: "tar", Path: "/srv/repo", MatchPattern: "app_@v.tar.zst" }),
    );
    const archive = await tarOf([{ name: "a/b/c", content: "deep", mode: 0o640 }]);
    await world.publish({ "app_1.tar.zst": await compress("zstd", archive) });
    await world.update();
    assert.deepEqual(await world.list("/opt/app"), ["app_1/", "app_1/a/", "app_1/a/b/", "app_1/a/b/c"]);
    assert.equal(await world.mode("/opt/app/app_1/a/b/c"), 0o640);
  });
});

test("a later item of an archive replaces an earlier one of its name", async () => {
  await withWorld(async (world) => {
    await world.define("app.transfer", tarTransfer(world, ""));
    await world.publish({
      "app_1.tar": await tarOf([
        { name: "file", content: "old" },
        { name: "link", type: "symlink", linkname: "/etc/passwd" },
        { name: "file", content: "new" },
        { name: "link", content: "a file now" },
      ]),
    });
    await world.update();
    assert.equal(String(await world.read("/opt/app/app_1/file")), "new");
    assert.equal(String(await world.read("/opt/app/app_1/link")), "a file now");
  });
});

const hostile: readonly (readonly [string, readonly Item[]])[] = [
  ["a name that leads upwards", [{ name: "../../evil", content: "x" }]],
  ["a name with .. in the middle", [{ name: "a/../../evil", content: "x" }]],
  ["an absolute name", [{ name: "/evil", content: "x" }]],
  [
    "a file through a link out of the tree",
    [
      { name: "out", type: "symlink", linkname: "../.." },
      { name: "out/evil", content: "x" },
    ],
  ],
  [
    "a file through an absolute link",
    [
      { name: "out", type: "symlink", linkname: "/" },
      { name: "out/evil", content: "x" },
    ],
  ],
  ["a hard link to a file outside", [{ name: "stolen", type: "link", linkname: "/etc/systemd/import-pubring.pgp" }]],
  ["a hard link that leads upwards", [{ name: "stolen", type: "link", linkname: "../../etc/machine-id" }]],
  ["a device", [{ name: "sda", type: "block-device", devmajor: 8, devminor: 0 }]],
  ["a character device", [{ name: "mem", type: "character-device", devmajor: 1, devminor: 1 }]],
  ["a pipe", [{ name: "pipe", type: "fifo" }]],
];

for (const [what, items] of hostile) {
  test(`an archive with ${what} is refused, and nothing is installed`, async () => {
    await withWorld(async (world) => {
      await world.define("app.transfer", tarTransfer(world, "", { CurrentSymlink: "current" }));
      await world.publish({ "app_1.tar": await tarOf([{ name: "good", content: "good" }]) });
      await world.update();
      await world.publish({ "app_2.tar": await tarOf([{ name: "good", content: "good" }, ...items]) });
      await assert.rejects(world.update(), /^Fault: Cannot use app_2\.tar: /);
      assert.equal(await readlink(world.host("/opt/app/current")), "app_1");
      await vacuumMachine(world.session());
      assert.deepEqual(await world.list("/opt"), ["app/", "app/app_1/", "app/app_1/good", "app/current"]);
      assert.deepEqual(await world.list("/evil"), []);
    });
  });
}

test("what an interrupted run had half unpacked is unpacked anew", async () => {
  await withWorld(async (world) => {
    await world.define("app.transfer", tarTransfer(world, ".gz"));
    const bytes = await compress(
      "gzip",
      await tarOf([
        { name: "file", content: "whole" },
        { name: "sub/other", content: "x" },
      ]),
    );
    await world.publish({ "app_1.tar.gz": bytes });
    const half = `/opt/app/.holdfast-${sha256(bytes).slice(-16)}`;
    await world.write(`${half}/file`, "wh");
    await world.write(`${half}/junk/of/another`, "y");
    await world.write(`/opt/app/.holdfast-${sha256(bytes).slice(0, 16)}`, bytes.subarray(0, 30));
    await world.update();
    assert.deepEqual(await world.list("/opt/app"), ["app_1/", "app_1/file", "app_1/sub/", "app_1/sub/other"]);
    assert.equal(String(await world.read("/opt/app/app_1/file")), "whole");
  });
});

test("a file changed inside an installed tree is found by a deep check and mended by a repair", async () => {
  await withWorld(async (world) => {
    await world.define("app.transfer", tarTransfer(world, "", { CurrentSymlink: "current" }));
    await world.publish({ "app_1.tar": await tarOf([{ name: "sub/file", content: "right" }]) });
    await world.update();
    const before = await lstat(world.host("/opt/app/app_1/sub/file"));
    await writeFile(world.host("/opt/app/app_1/sub/file"), "wrong");
    await utimes(world.host("/opt/app/app_1/sub/file"), before.atime, before.mtime);
    const report = await doctorMachine(world.session(), { deep: true, repair: false });
    assert.equal(report.healthy, false);
    assert.ok(
      report.findings.some(({ subject }) => subject === "/opt/app/app_1"),
      JSON.stringify(report.findings),
    );
    await doctorMachine(world.session(), { deep: true, repair: true });
    assert.equal(String(await world.read("/opt/app/app_1/sub/file")), "right");
    assert.equal((await doctorMachine(world.session(), { deep: true, repair: false })).healthy, true);
  });
});

test("a folder becomes a folder, and its changed source is another version's business", async () => {
  await withWorld(async (world) => {
    const source = { Type: "directory", Path: "/srv/trees", MatchPattern: "app_@v" };
    await world.define("app.transfer", treeTransfer(source, {}, { Verify: "no" }));
    await makeTree(world.host("/srv/trees/app_1"), "1");
    const done = await world.update();
    assert.equal(done.outcome, "done");
    assert.deepEqual(
      withoutLinks(await describe(world.host("/opt/app/app_1"))),
      withoutLinks(await describe(world.host("/srv/trees/app_1"))),
    );
    assert.equal((await world.update()).outcome, "nothing-to-do");
    await makeTree(world.host("/srv/trees/app_2"), "2");
    assert.equal((await world.update()).to, "2");
    assert.equal(
      (await doctorMachine(world.session(), { deep: true, repair: false })).findings.filter(
        ({ severity }) => severity === "error",
      ).length,
      0,
    );
  });
});

test("a folder as a source is refused unless the definition says Verify=no", async () => {
  await withWorld(async (world) => {
    await world.define("app.transfer", treeTransfer({ Type: "directory", Path: "/srv/trees", MatchPattern: "app_@v" }));
    await world.write("/srv/trees/app_1/file", "x");
    await assert.rejects(world.update(), { code: "tree-cannot-be-verified" });
    assert.deepEqual(await world.list("/opt/app"), []);
  });
});

test("ReadOnly=yes makes a folder immutable, and old ones go all the same", async (context) => {
  if (!isRoot) return context.skip("needs root");
  await withWorld(async (world) => {
    try {
      await writeFile(join(world.outside, "probe"), "");
      await run("chattr", ["+i", join(world.outside, "probe")]);
      await run("chattr", ["-i", join(world.outside, "probe")]);
    } catch {
      return context.skip("this file system has no immutable flag");
    }
    world.cleanUp(() => run("chattr", ["-R", "-i", world.root]).catch(() => undefined));
    await world.define("app.transfer", tarTransfer(world, "", { ReadOnly: "yes", InstancesMax: "2" }));
    for (const version of ["1", "2", "3"]) {
      await world.publish({ [`app_${version}.tar`]: await tarOf([{ name: "v", content: version }]) });
      await world.update();
    }
    assert.deepEqual(await world.list("/opt/app"), ["app_2/", "app_2/v", "app_3/", "app_3/v"]);
    await assert.rejects(writeFile(world.host("/opt/app/app_3/new"), ""), { code: "EPERM" });
  });
});

async function onBtrfs(context: TestContext, world: World, path: string): Promise<boolean> {
  const image = join(world.outside, "btrfs");
  await writeFile(image, "");
  await truncate(image, 128 * 1_048_576);
  await mkdir(world.host(path), { recursive: true });
  try {
    await run("mkfs.btrfs", ["--quiet", image]);
    await run("mount", ["-o", "loop", image, world.host(path)]);
  } catch (error) {
    context.skip(`no btrfs can be mounted here: ${(error as Error).message.split("\n")[0]}`);
    return false;
  }
  world.cleanUp(() => run("umount", [world.host(path)]));
  return true;
}

test("a subvolume becomes a subvolume on btrfs, read-only when it is to be, and is removed as one", async (context) => {
  await withWorld(async (world) => {
    if (!(await onBtrfs(context, world, "/data"))) return;
    const isSubvolume = async (path: string): Promise<boolean> => (await stat(world.host(path))).ino === 256;
    await world.define(
      "app.transfer",
      transfer(
        { Type: "subvolume", Path: "/data/in", MatchPattern: "app_@v" },
        {
          Type: "subvolume",
          Path: "/data/app",
          MatchPattern: "app_@v",
          ReadOnly: "yes",
          InstancesMax: "2",
          CurrentSymlink: "current",
        },
        { Verify: "no" },
      ),
    );
    for (const version of ["1", "2", "3"]) {
      await mkdir(world.host("/data/in"), { recursive: true });
      await run("btrfs", ["subvolume", "create", world.host(`/data/in/app_${version}`)]);
      await makeTree(world.host(`/data/in/app_${version}`), version);
      assert.equal((await world.update()).outcome, "done");
      assert.ok(await isSubvolume(`/data/app/app_${version}`));
      await assert.rejects(writeFile(world.host(`/data/app/app_${version}/new`), ""), { code: "EROFS" });
      assert.deepEqual(
        withoutLinks(await describe(world.host(`/data/app/app_${version}`))),
        withoutLinks(await describe(world.host(`/data/in/app_${version}`))),
      );
    }
    assert.deepEqual(
      (await world.list("/data/app")).filter((name) => /^[^/]*\/?$/.test(name)),
      ["app_2/", "app_3/", "current"],
    );
    assert.equal((await world.update()).outcome, "nothing-to-do");
  });
});

test("an archive becomes a subvolume on btrfs and a plain folder elsewhere", async (context) => {
  await withWorld(async (world) => {
    const target = { Type: "subvolume", MatchPattern: "app_@v" };
    await world.define("a.transfer", tarTransfer(world, "", { ...target, Path: "/opt/app" }));
    await world.publish({ "app_1.tar": await tarOf([{ name: "v", content: "1" }]) });
    await world.update();
    assert.deepEqual(await world.list("/opt/app"), ["app_1/", "app_1/v"]);
    if (!(await onBtrfs(context, world, "/data"))) return;
    await world.define("a.transfer", tarTransfer(world, "", { ...target, Path: "/data/app" }));
    await world.update();
    assert.equal((await stat(world.host("/data/app/app_1"))).ino, 256);
  });
});
