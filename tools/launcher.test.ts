import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const launcher = join(import.meta.dirname, "../bin/holdfast");

interface Outcome {
  readonly code: number;
  readonly text: string;
}

function call(program: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  return new Promise<Outcome>((resolve) => {
    const child = execFile(program, args, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, text: `${stdout}${stderr}`.trim() });
    });
  });
}

/** A checkout whose Node is a script that tells what it was called with, in a folder with a space in its name. */
async function withCheckout(body: (checkout: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-launcher-"));
  const checkout = join(folder, "a checkout");
  try {
    await mkdir(join(checkout, "bin"), { recursive: true });
    await copyFile(launcher, join(checkout, "bin/holdfast"));
    await mkdir(join(checkout, "node_modules/.bin"), { recursive: true });
    const node =
      '#!/bin/sh\nwhile case $1 in -*) ;; *) false ;; esac; do shift; done\nprintf "%s|" "$HOLDFAST_INVOKED_AS" "$@"\nexit 5\n';
    await writeFile(join(checkout, "node_modules/.bin/node"), node, { mode: 0o755 });
    await body(checkout, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("the launcher finds its checkout from any folder and through a chain of links, and tells the invoked name", () =>
  withCheckout(async (checkout, folder) => {
    const main = join(checkout, "src/main.ts");
    await mkdir(join(folder, "links"));
    await symlink("../a checkout/bin/holdfast", join(folder, "links/first"));
    await symlink("links/first", join(folder, "systemd-sysupdate"));
    for (const [program, cwd, name] of [
      [join(checkout, "bin/holdfast"), "/", "holdfast"],
      ["bin/holdfast", checkout, "holdfast"],
      ["./holdfast", join(checkout, "bin"), "holdfast"],
      [join(folder, "links/first"), "/", "first"],
      ["./systemd-sysupdate", folder, "systemd-sysupdate"],
    ] as const)
      assert.deepEqual(await call(program, ["list", "a b"], { cwd }), { code: 5, text: `${name}|${main}|list|a b|` });
  }));

test("the launcher is found through PATH, and needs nothing else on it", () =>
  withCheckout(async (checkout, folder) => {
    await symlink(join(checkout, "bin/holdfast"), join(folder, "systemd-sysupdate"));
    const told = await call("systemd-sysupdate", [], { cwd: "/", env: { PATH: folder } });
    assert.deepEqual(told, { code: 5, text: `systemd-sysupdate|${checkout}/src/main.ts|` });
  }));

test("without its packages the launcher says what to run", () =>
  withCheckout(async (checkout) => {
    await rm(join(checkout, "node_modules"), { recursive: true });
    assert.deepEqual(await call(join(checkout, "bin/holdfast"), []), {
      code: 1,
      text: `holdfast: Cannot start: its packages are not installed; run \`npm ci\` in ${checkout} first.`,
    });
  }));
