// The worlds in which the sessions of the documentation run: a folder that stands for the root of a machine or of a
// publisher's host, and a program called `holdfast` that works on it.
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../../src/base/random.ts";
import { seededBytes } from "../../tools/lab/small-release.ts";
import { makeUsrRelease } from "../../tools/lab/usr-release.ts";
import { program } from "../e2e/run.ts";
import { World } from "../e2e/world.ts";

export interface SceneFolder extends AsyncDisposable {
  /** Stands for `/`. */
  readonly root: string;
  /** First in PATH. */
  readonly bin: string;
}

const transfer = (pattern: string, target: string): string =>
  `[Source]\nType=url-file\nPath=https://example.org/os\nMatchPattern=${pattern}\n\n[Target]\nType=regular-file\n${target}\nMode=0444\n`;
/** Definitions in KDE Linux's layout. */
export const definitions: Readonly<Record<string, string>> = {
  "20-root.transfer": transfer("os_@v.erofs", "Path=/system\nMatchPattern=os_@v.erofs\nInstancesMax=2"),
  "30-uki.transfer": transfer(
    "os_@v.efi",
    "Path=/EFI/Linux\nPathRelativeTo=boot\nMatchPattern=os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi\nTriesLeft=3\nTriesDone=0\nInstancesMax=2",
  ),
};
const chunkIndex = transfer("os_@v.erofs.caibx", "Path=/system\nMatchPattern=os_@v.erofs.caibx\nInstancesMax=2");

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** `holdfast` as it is on a machine whose root is this folder; what works on files of the host is left as it is. */
async function writeProgram(bin: string, root: string): Promise<void> {
  await mkdir(bin, { recursive: true });
  const text = `#!/bin/sh
case " $* " in
*" repo "* | *" image "* | *" help "* | *" --help "* | *" --version "* | *" simulate "*--definitions* | "  ") exec ${program} "$@" ;;
esac
exec ${program} "$@" --root=${root}
`;
  await writeFile(join(bin, "holdfast"), text);
  await chmod(join(bin, "holdfast"), 0o755);
}

/** Takes over what was opened for it: until then a failure closes that. */
function folderOf(root: string, bin: string, open: AsyncDisposableStack): SceneFolder {
  const kept = open.move();
  return { root, bin, [Symbol.asyncDispose]: async () => kept.disposeAsync() };
}

/** Version 1 is installed, as before Holdfast came; 1 and 2 are on offer. */
async function machine(): Promise<SceneFolder> {
  await using open = new AsyncDisposableStack();
  const world = open.use(await World.create());
  const [one, two] = await world.releases(["1", "2"]);
  const scene = open.use(await world.scene({ offered: [one, two], installed: [one] }));
  const bin = join(world.folder, "bin");
  const { root } = scene.machine;
  await writeProgram(bin, root);
  await writeAll(join(root, "defs"), { ...definitions, "10-index.transfer": chunkIndex });
  await mkdir(join(root, "tmp"));
  return folderOf(root, bin, open);
}

/** Releases 1, 2, 3 and 5 as files in the working folder, a key, and the definitions of the machines. */
async function publisher(): Promise<SceneFolder> {
  await using open = new AsyncDisposableStack();
  const world = open.use(await World.create());
  const root = join(world.folder, "host");
  const bin = join(world.folder, "bin");
  await mkdir(join(root, "srv"), { recursive: true });
  await world.key.save(join(root, "key.pgp"));
  await writeFile(join(root, "os.pgp"), world.key.publicKeyring);
  for (const version of ["1", "2", "3", "5"]) {
    const files = {
      "share/large": seededBytes(new SeededRandom(1), 1_000_000),
      "share/changes": seededBytes(new SeededRandom(Number(version)), 20_000),
    };
    await makeUsrRelease(root, { version, files });
  }
  await writeAll(join(root, "sysupdate.d"), definitions);
  await writeProgram(bin, root);
  return folderOf(root, bin, open);
}

/** A checkout after `npm start`: the machine in demo/machine has version 2 as well. */
async function demo(): Promise<SceneFolder> {
  await using open = new AsyncDisposableStack();
  const world = open.use(await World.create());
  const [one, two] = await world.releases(["1", "2"]);
  const scene = open.use(await world.scene({ offered: [one, two], installed: [one] }));
  await scene.expect(0, ["update"]);
  const root = join(world.folder, "checkout");
  await mkdir(join(root, "demo"), { recursive: true });
  await symlink(scene.machine.root, join(root, "demo/machine"));
  await symlink(join(program, ".."), join(root, "bin"));
  return folderOf(root, join(root, "bin"), open);
}

/** An empty host with a folder of definitions. */
async function workbench(): Promise<SceneFolder> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-docs-"));
  const root = join(folder, "host");
  await writeAll(join(root, "sysupdate.d"), { ...definitions, "10-index.transfer": chunkIndex });
  await writeProgram(join(folder, "bin"), root);
  return { root, bin: join(folder, "bin"), [Symbol.asyncDispose]: async () => rm(folder, { recursive: true }) };
}

export const scenes: Readonly<Record<string, () => Promise<SceneFolder>>> = { machine, publisher, demo, workbench };
