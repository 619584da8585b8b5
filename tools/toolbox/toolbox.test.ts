import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  aptConfiguration,
  securityMirrorOf,
  mirrorOf,
  type PackageSource,
  parseUris,
  DebianError,
} from "../../src/adapter/debian/apt.ts";
import { compareVersions, toldVersion } from "./host.ts";
import { lockCache } from "../../src/adapter/debian/cache-lock.ts";
import { programs } from "./table.ts";
import { cacheFolder, describeMissing, ensurePackages, ensureTools } from "./toolbox.ts";
import { programKind, wrapperText } from "../../src/adapter/debian/wrapper.ts";

const execute = promisify(execFile);

interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

async function scratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-toolbox-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Builds a package whose one program answers with its name, and counts how often it is asked for. */
async function packagesIn(folder: string): Promise<PackageSource & { fetched: number }> {
  const content = join(folder, "content");
  await mkdir(join(content, "DEBIAN"), { recursive: true });
  await mkdir(join(content, "usr/bin"), { recursive: true });
  await mkdir(join(content, "lib"), { recursive: true });
  await writeFile(
    join(content, "DEBIAN/control"),
    "Package: greet\nVersion: 1\nArchitecture: all\nMaintainer: none <none@example.org>\nDescription: test\n",
  );
  await writeFile(join(content, "lib/greeting"), "hello");
  // The head of a program without a loader, so that the wrapper starts it as it is; what runs is checked elsewhere.
  await writeFile(join(content, "usr/bin/greet"), "\x7fELF static", { mode: 0o755 });
  const file = join(folder, "greet.deb");
  await execute("dpkg-deb", ["--build", "--root-owner-group", content, file]);
  const source = {
    fetched: 0,
    fetch: async (): Promise<readonly string[]> => {
      source.fetched += 1;
      return [file];
    },
  };
  return source;
}

const greet = { program: "greet", package: "greet", suite: "trixie", path: "usr/bin/greet" } as const;

test("a package is unpacked once, with /lib inside /usr, and found again without its source", async (t) => {
  await using at = await scratch();
  const source = await packagesIn(at.folder).catch(() => undefined);
  if (source === undefined) return t.skip("dpkg-deb is not on this machine");
  const cache = join(at.folder, "cache");
  const tree = await ensurePackages("trixie", ["greet"], { cache, source });
  assert.equal(tree, join(cache, "trees/trixie/greet"));
  assert.equal((await execute("cat", [join(tree, "usr/lib/greeting")])).stdout, "hello");
  assert.equal(await ensurePackages("trixie", ["greet"], { cache, source }), tree);
  const tools = await ensureTools(["greet"], { cache, source, table: [greet] });
  assert.deepEqual(tools.missing, []);
  assert.equal(tools.path("greet"), join(cache, "bin/greet"));
  assert.equal(source.fetched, 1);
});

test("what a killed run left half unpacked is no tree, and goes away", async (t) => {
  await using at = await scratch();
  const source = await packagesIn(at.folder).catch(() => undefined);
  if (source === undefined) return t.skip("dpkg-deb is not on this machine");
  const cache = join(at.folder, "cache");
  await mkdir(join(cache, "trees/trixie/.unpacking/usr"), { recursive: true });
  await writeFile(join(cache, "trees/trixie/.unpacking/usr/half"), "");
  await ensurePackages("trixie", ["greet"], { cache, source });
  assert.deepEqual(await readdir(join(cache, "trees/trixie")), ["greet"]);
  await assert.rejects(access(join(cache, "trees/trixie/greet/usr/half")));
});

test("two toolboxes at once fetch once", async (t) => {
  await using at = await scratch();
  const source = await packagesIn(at.folder).catch(() => undefined);
  if (source === undefined) return t.skip("dpkg-deb is not on this machine");
  const options = { cache: join(at.folder, "cache"), source };
  await Promise.all([ensurePackages("trixie", ["greet"], options), ensurePackages("trixie", ["greet"], options)]);
  assert.equal(source.fetched, 1);
});

test("a program that cannot be had is named with its reason and its remedy, and the others are there", async () => {
  await using at = await scratch();
  const source = { fetch: () => Promise.reject(new DebianError("the mirror does not answer")) };
  const table = [{ ...greet, hostAtLeast: "3" }];
  const tools = await ensureTools(["greet", "nonsense"], { cache: at.folder, source, table });
  assert.deepEqual(tools.missing, [
    {
      program: "greet",
      why: "the mirror does not answer",
      remedy:
        "install the Debian package greet (3 or newer), or run this where apt reaches a Debian mirror that has trixie",
    },
    { program: "nonsense", why: "tools/toolbox/table.ts does not name it", remedy: "known programs: greet" },
  ]);
  assert.throws(() => tools.path("greet"), DebianError);
});

test("programs that lack for one reason are told together, each remedy once", () => {
  const lines = describeMissing([
    { program: "mcopy", why: "offline", remedy: "install mtools" },
    { program: "mdir", why: "offline", remedy: "install mtools" },
    { program: "x", why: "unknown", remedy: "ask" },
  ]);
  assert.deepEqual(lines, ["Cannot get mcopy, mdir: offline.", "  install mtools", "Cannot get x: unknown.", "  ask"]);
});

test("a wrapper keeps arguments, quoting and exit code, also from a folder with an apostrophe", async () => {
  await using at = await scratch();
  const tree = join(at.folder, "it's here");
  await mkdir(join(tree, "usr/bin"), { recursive: true });
  await symlink("/bin/sh", join(tree, "usr/bin/shell"));
  const wrapper = join(at.folder, "shell");
  const kind = { kind: "static" } as const;
  const text = wrapperText({ program: "shell", tree, path: "usr/bin/shell", kind, triplet: "x86_64-linux-gnu" });
  await writeFile(wrapper, text, { mode: 0o755 });
  const told = await execute(wrapper, ["-c", 'printf "%s|" "$@"', "sh", "a b", "", "'"]);
  assert.equal(told.stdout, "a b||'|");
  await assert.rejects(execute(wrapper, ["-c", "exit 7"]), { code: 7 });
});

test("the first bytes of a program say how it is started", () => {
  const head = (text: string): Uint8Array => Buffer.from(text, "latin1");
  assert.deepEqual(programKind(head("\x7fELF..\0/lib64/ld-linux-x86-64.so.2\0")), {
    kind: "dynamic",
    loader: "/lib64/ld-linux-x86-64.so.2",
  });
  assert.deepEqual(programKind(head("\x7fELF..\0/lib/ld-linux-aarch64.so.1\0")), {
    kind: "dynamic",
    loader: "/lib/ld-linux-aarch64.so.1",
  });
  assert.deepEqual(programKind(head("\x7fELF nothing")), { kind: "static" });
  assert.deepEqual(programKind(head("#!/usr/bin/env python3\n")), { kind: "python" });
  assert.equal(programKind(head("#!/usr/bin/perl\n")), undefined);
});

test("apt's answers are read", () => {
  const uris = [
    "Reading package lists...",
    "'http://mirror.example/pool/fdisk_2.41-5_amd64.deb' fdisk_2.41-5_amd64.deb 1234 SHA256:00",
    "'http://mirror.example/pool/x.deb' libpam_1%3a1.5+deb13u1_amd64.deb 99 MD5Sum:00",
  ].join("\n");
  assert.deepEqual(parseUris(uris), [
    { file: "fdisk_2.41-5_amd64.deb", name: "fdisk", version: "2.41-5", sizeBytes: 1234 },
    { file: "libpam_1%3a1.5+deb13u1_amd64.deb", name: "libpam", version: "1:1.5+deb13u1", sizeBytes: 99 },
  ]);
  const targets = "http://m/debian-security/ bookworm-security\nhttp://other/ node\nhttp://m/debian/ bookworm\n";
  assert.equal(mirrorOf(targets), "http://m/debian/");
  assert.equal(securityMirrorOf(targets), "http://m/debian-security/");
  assert.equal(mirrorOf(""), undefined);
});

test("only the suite whose Release file has run out is taken without a date", () => {
  const source = (suite: "trixie" | "forky"): string =>
    aptConfiguration("/c", suite, "http://m/debian", "/k.gpg").source;
  assert.equal(source("trixie"), "deb [signed-by=/k.gpg] http://m/debian trixie main\n");
  assert.equal(source("forky"), "deb [signed-by=/k.gpg check-valid-until=no] http://m/debian forky main\n");
});

test("suites that are put together have a line each, security updates from their own mirror", () => {
  const source = (security?: string): string =>
    aptConfiguration("/c", "trixie+trixie-security", "http://m/debian/", undefined, security).source;
  const plain = "deb http://m/debian/ trixie main\n";
  assert.equal(source("http://s/x"), `${plain}deb [check-valid-until=no] http://s/x trixie-security main\n`);
  assert.equal(source(), `${plain}deb [check-valid-until=no] http://m/debian-security trixie-security main\n`);
});

test("versions are compared by number, and found in what programs say of themselves", () => {
  assert.ok(compareVersions("2.41.5", "2.38") > 0);
  assert.ok(compareVersions("1.10", "1.9") > 0);
  assert.ok(compareVersions("252", "257") < 0);
  assert.equal(compareVersions("4.2", "4.2"), 0);
  for (const [text, version] of [
    ["mkfs.erofs (erofs-utils) 1.8.6", "1.8.6"],
    ["mkfs.btrfs, part of btrfs-progs v6.14", "6.14"],
    ["systemd 262 (262-1)", "262"],
    ["mke2fs 1.47.0 (5-Feb-2023)", "1.47.0"],
    ["no number", undefined],
  ] as const)
    assert.equal(toldVersion(text), version);
});

test("the lock is held by one at a time and the second is told that it waits", async () => {
  await using at = await scratch();
  const first = await lockCache(at.folder, () => assert.fail("nobody holds it"));
  let waits = 0;
  const second = lockCache(at.folder, () => {
    waits += 1;
    first[Symbol.dispose]();
  });
  (await second)[Symbol.dispose]();
  assert.equal(waits, 1);
});

test("the cache folder follows the environment", () => {
  assert.equal(cacheFolder({ HOLDFAST_CACHE: "/a" }), "/a");
  assert.equal(cacheFolder({ XDG_CACHE_HOME: "/x" }), "/x/holdfast-dev");
  assert.ok(cacheFolder({ XDG_CACHE_HOME: "relative" }).endsWith("/.cache/holdfast-dev"));
});

test("every program of the table has one line and a path inside its package", () => {
  const names = programs.map(({ program }) => program);
  assert.deepEqual(names, [...new Set(names)]);
  for (const { path } of programs) assert.match(path, /^usr\//);
});
