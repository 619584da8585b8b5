// `holdfast image build` as people call it, with real packages: the same bytes twice, and refusals that leave nothing behind.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createSigningKey } from "../../tools/lab/signing.ts";
import { ensurePackages, cacheFolder } from "../../tools/toolbox/toolbox.ts";

const checkout = join(import.meta.dirname, "../..");
const recipe = join(checkout, "os/reference/recipe.conf");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function holdfast(...args: readonly string[]): Promise<Ended> {
  return run("image", "build", ...args);
}

function run(...args: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", HOLDFAST_CACHE: cacheFolder() };
  return new Promise((resolve) => {
    execFile(join(checkout, "bin/holdfast"), args, { env, cwd: "/" }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-build-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Why it cannot be tried here. */
async function lacking(): Promise<string | undefined> {
  if (process.arch !== "x64") return "images are for x86-64";
  return ensurePackages("forky", ["busybox-static"]).then(
    () => undefined,
    (error: unknown) => `packages cannot be had: ${error instanceof Error ? error.message : String(error)}`,
  );
}

test("Two builds of the same recipe, version and packages give the same bytes, below 60 MB", async (t) => {
  const why = await lacking();
  if (why !== undefined) return t.skip(why);
  const folder = await folderFor(t);
  const sums: string[] = [];
  for (const output of ["a", "b"].map((name) => join(folder, name))) {
    const { code, stderr } = await holdfast(recipe, "--version=1", `--output=${output}`, "--profile=tiny");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^\[7\/7\] release$/m);
    sums.push(await readFile(join(output, "SHA256SUMS"), "utf8"));
    assert.deepEqual((await readdir(output)).toSorted(), [
      "SHA256SUMS",
      "os_1.ab.efi",
      "os_1.efi",
      "os_1.erofs",
      "os_1.usr.erofs",
      "os_1.usr.verity",
    ]);
  }
  assert.equal(sums[0], sums[1]);
  const sizes = await Promise.all(
    ["os_1.erofs", "os_1.efi"].map(async (name) => (await stat(join(folder, "a", name))).size),
  );
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 60e6, `${sizes.join(" + ")} bytes`);
});

test("A recipe with an unknown package is refused in a sentence, and the output folder is not made", async (t) => {
  const why = await lacking();
  if (why !== undefined) return t.skip(why);
  const folder = await folderFor(t);
  const bad = join(folder, "bad.conf");
  await writeFile(
    bad,
    "[Recipe]\nName=os\nTitle=OS\nSuite=forky\n[Profile x]\nKernel=linux-image-cloud-amd64\nPackages=no-such-package\n",
  );
  const output = join(folder, "out");
  const { code, stderr } = await holdfast(bad, "--version=1", `--output=${output}`);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^holdfast: Cannot fetch the package no-such-package: Debian forky has none of that name\nCorrect Packages= in the recipe\.$/m,
  );
  assert.equal(existsSync(output), false);
});

test("Into a repository of Holdfast a build is staged, with its public key in the image, and published in one step", async (t) => {
  const why = await lacking();
  if (why !== undefined) return t.skip(why);
  const folder = await folderFor(t);
  const repository = join(folder, "repository");
  const key = await createSigningKey();
  await key.save(join(folder, "key.pgp"));
  const repo = (...args: readonly string[]): Promise<Ended> => run("repo", ...args);
  assert.equal((await repo("init", repository, `--key=${join(folder, "key.pgp")}`)).code, 0);
  const { code, stdout, stderr } = await holdfast(recipe, "--version=1", `--output=${repository}`, "--profile=tiny");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Built os 1 \(tiny\) in .*\/repository\.\n/);
  assert.match(stdout, /\nStaged: no client sees it before `holdfast repo commit /);
  assert.deepEqual((await readdir(repository)).toSorted(), [
    ".holdfast",
    "SHA256SUMS",
    "SHA256SUMS.gpg",
    "chunks",
    "holdfast.json",
  ]);
  assert.deepEqual((await readdir(join(repository, ".holdfast"))).toSorted(), ["lock", "repository.json", "staging"]);
  assert.equal((await repo("commit", repository)).code, 0);
  assert.match(await readFile(join(repository, "SHA256SUMS"), "utf8"), / {2}os_1\.usr\.verity\n/);
  assert.equal((await repo("verify", repository)).code, 0);
});
