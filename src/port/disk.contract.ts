// What every Disk must do, as tests: the real one, the simulated one and each of its file systems pass this suite (P6).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { Disk, MachinePath } from "./disk.ts";

export interface DiskFixture {
  readonly disk: Disk;
  /** An existing, empty folder that the suite may fill. */
  readonly folder: MachinePath;
  done(): Promise<void>;
}

export interface DiskTraits {
  /** FAT: no symbolic and no hard links, no modes, no owners, times of two seconds. */
  readonly withoutLinks?: boolean;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Rejects with a Fault of one of `codes`. */
async function refuses(work: Promise<unknown>, ...codes: string[]): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof Fault, `not a Fault: ${String(error)}`);
    assert.ok(codes.includes(error.code), `${error.code} (${error.message}) is none of ${codes.join(", ")}`);
    assert.match(error.message, /^Cannot /);
    return true;
  });
}

export async function put(disk: Disk, path: MachinePath, content: Uint8Array): Promise<void> {
  await using file = await disk.open(path, "create");
  await file.write(0, content);
  await file.sync();
}

export async function get(disk: Disk, path: MachinePath, mode: "read" | "medium" = "read"): Promise<Uint8Array> {
  await using file = await disk.open(path, mode);
  const content = new Uint8Array(await file.size());
  assert.equal(await file.read(0, content), content.length);
  return content;
}

/** Registers the suite under `name`; `make` is called once a test. */
export function diskContract(name: string, make: () => Promise<DiskFixture>, traits: DiskTraits = {}): void {
  const withLinks = traits.withoutLinks !== true;
  const check = (sentence: string, body: (disk: Disk, folder: MachinePath) => Promise<void>): void => {
    test(sentence, async () => {
      const fixture = await make();
      try {
        await body(fixture.disk, fixture.folder);
      } finally {
        await fixture.done();
      }
    });
  };

  describe(`${name} keeps the Disk contract`, () => {
    check("a file created is read back, from the cache and from the medium", async (disk, folder) => {
      const content = new Uint8Array(3 * 1024 * 1024 + 17).map((_, index) => (index * 7919) >>> 5);
      await put(disk, `${folder}/a`, content);
      await disk.syncFolder(folder);
      assert.deepEqual(await get(disk, `${folder}/a`), content);
      assert.deepEqual(await get(disk, `${folder}/a`, "medium"), content);
    });

    check("read fills what it is given and stops only at the end", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("0123456789"));
      for (const mode of ["read", "medium", "modify"] as const) {
        await using file = await disk.open(`${folder}/a`, mode);
        assert.equal(file.path, `${folder}/a`);
        const into = new Uint8Array(4);
        assert.equal(await file.read(3, into), 4);
        assert.deepEqual(into, text("3456"));
        assert.equal(await file.read(8, into), 2);
        assert.deepEqual(into.subarray(0, 2), text("89"));
        assert.equal(await file.read(10, into), 0);
        assert.equal(await file.read(5000, into), 0);
        assert.equal(await file.read(0, into), 4);
        assert.deepEqual(into, text("0123"));
      }
    });

    check("create refuses what is already there and what has no folder", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("kept"));
      await disk.makeFolder(`${folder}/f`);
      await refuses(disk.open(`${folder}/a`, "create"), "exists");
      await refuses(disk.open(`${folder}/f`, "create"), "exists");
      await refuses(disk.open(`${folder}/none/a`, "create"), "not-found");
      await refuses(disk.open(`${folder}/a/b`, "create"), "not-a-folder");
      assert.deepEqual(await get(disk, `${folder}/a`), text("kept"));
    });

    check("read, medium and modify need a file that is there", async (disk, folder) => {
      await disk.makeFolder(`${folder}/f`);
      for (const mode of ["read", "medium", "modify"] as const) {
        await refuses(disk.open(`${folder}/none`, mode), "not-found");
        await refuses(disk.open(`${folder}/f`, mode), "io-error");
      }
    });

    check("a file opened for reading cannot be written", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("kept"));
      for (const mode of ["read", "medium"] as const) {
        await using file = await disk.open(`${folder}/a`, mode);
        await refuses(file.write(0, text("lost")), "read-only", "no-permission", "io-error");
        await refuses(file.truncate(0), "read-only", "no-permission", "io-error");
      }
      assert.deepEqual(await get(disk, `${folder}/a`), text("kept"));
    });

    check("modify keeps content, fills gaps with zeros, and truncate cuts and grows", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("abcdef"));
      await using file = await disk.open(`${folder}/a`, "modify");
      await file.write(2, text("XY"));
      await file.write(8, text("!"));
      assert.equal(await file.size(), 9);
      await file.truncate(3);
      await file.truncate(5);
      await file.sync();
      assert.deepEqual(await get(disk, `${folder}/a`), text("abX\0\0"));
    });

    check("list is in byte order and names the kinds", async (disk, folder) => {
      await disk.makeFolder(`${folder}/sub`);
      for (const one of ["b", "a", "\u{1f600}", "～", "~"]) await put(disk, `${folder}/${one}`, text("x"));
      assert.deepEqual(
        (await disk.list(folder)).map((item) => `${item.name} ${item.kind}`),
        ["a file", "b file", "sub folder", "~ file", "～ file", "\u{1f600} file"],
      );
      await refuses(disk.list(`${folder}/none`), "not-found");
      await refuses(disk.list(`${folder}/a`), "not-a-folder");
    });

    check("stat tells kind, size and links, and nothing of what is not there", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("four"));
      const stat = await disk.stat(`${folder}/a`);
      assert.equal(stat?.kind, "file");
      assert.equal(stat?.sizeBytes, 4);
      assert.equal(stat?.links, 1);
      assert.equal((await disk.stat(folder))?.kind, "folder");
      assert.equal(await disk.stat(`${folder}/none`), undefined);
      assert.equal(await disk.stat(`${folder}/none/deeper`), undefined);
      assert.equal(await disk.stat(`${folder}/a/b`), undefined);
    });

    check("the stamp stays while nothing changes and differs after a change of size", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("four"));
      const before = (await disk.stat(`${folder}/a`))?.stamp;
      assert.equal((await disk.stat(`${folder}/a`))?.stamp, before);
      {
        await using file = await disk.open(`${folder}/a`, "modify");
        await file.write(4, text("more"));
        await file.sync();
      }
      assert.notEqual((await disk.stat(`${folder}/a`))?.stamp, before);
    });

    check("rename moves files and folders and never overwrites", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("a"));
      await put(disk, `${folder}/b`, text("b"));
      await disk.makeFolder(`${folder}/f`);
      await refuses(disk.rename(`${folder}/a`, `${folder}/b`), "exists");
      await refuses(disk.rename(`${folder}/a`, `${folder}/f`), "exists");
      await refuses(disk.rename(`${folder}/none`, `${folder}/c`), "not-found");
      await refuses(disk.rename(`${folder}/a`, `${folder}/none/c`), "not-found");
      await disk.rename(`${folder}/a`, `${folder}/f/c`);
      await disk.rename(`${folder}/f`, `${folder}/g`);
      assert.deepEqual(await get(disk, `${folder}/g/c`), text("a"));
      assert.deepEqual(await get(disk, `${folder}/b`), text("b"));
      assert.deepEqual(
        (await disk.list(folder)).map((item) => item.name),
        ["b", "g"],
      );
    });

    check("of two renames to one name at the same moment one is refused", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("a"));
      await put(disk, `${folder}/b`, text("b"));
      const outcomes = await Promise.allSettled([
        disk.rename(`${folder}/a`, `${folder}/c`),
        disk.rename(`${folder}/b`, `${folder}/c`),
      ]);
      assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ["fulfilled", "rejected"]);
      assert.equal((await disk.list(folder)).length, 2);
    });

    check("remove takes files, removeFolder takes empty folders", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("a"));
      await disk.makeFolder(`${folder}/f`);
      await put(disk, `${folder}/f/b`, text("b"));
      await refuses(disk.remove(`${folder}/f`), "io-error");
      await refuses(disk.remove(`${folder}/none`), "not-found");
      await refuses(disk.removeFolder(`${folder}/a`), "not-a-folder");
      await refuses(disk.removeFolder(`${folder}/f`), "not-empty");
      await refuses(disk.removeFolder(`${folder}/none`), "not-found");
      await disk.remove(`${folder}/f/b`);
      await disk.removeFolder(`${folder}/f`);
      await disk.remove(`${folder}/a`);
      assert.deepEqual(await disk.list(folder), []);
    });

    check(
      "makeFolder needs its parent and refuses what is there; syncFolder needs the folder",
      async (disk, folder) => {
        await put(disk, `${folder}/a`, text("a"));
        await disk.makeFolder(`${folder}/f`);
        await refuses(disk.makeFolder(`${folder}/f`), "exists");
        await refuses(disk.makeFolder(`${folder}/a`), "exists");
        await refuses(disk.makeFolder(`${folder}/x/y`), "not-found");
        await disk.syncFolder(`${folder}/f`);
        await refuses(disk.syncFolder(`${folder}/none`), "not-found");
        await refuses(disk.syncFolder(`${folder}/a`), "not-a-folder");
      },
    );

    check("an open file keeps its content when its name goes", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("still"));
      await using file = await disk.open(`${folder}/a`, "read");
      await disk.remove(`${folder}/a`);
      const into = new Uint8Array(5);
      assert.equal(await file.read(0, into), 5);
      assert.deepEqual(into, text("still"));
    });

    check("a file system has an id, sizes, and an answer for a path that is not there yet", async (disk, folder) => {
      const here = await disk.fileSystem(folder);
      const there = await disk.fileSystem(`${folder}/not/yet`);
      assert.equal(there.id, here.id);
      assert.equal(there.mountPoint, here.mountPoint);
      assert.ok(`${folder}/`.startsWith(here.mountPoint === "/" ? "/" : `${here.mountPoint}/`));
      assert.ok(here.totalBytes >= here.availableBytes && here.availableBytes > 0);
      assert.ok(here.blockBytes >= 512);
      assert.equal(here.readOnly, false);
      assert.match(here.type, /^[a-z0-9._-]+$/);
    });

    check("reserve leaves the size alone and refuses more than there is", async (disk, folder) => {
      await put(disk, `${folder}/a`, text("abc"));
      await disk.reserve(`${folder}/a`, 100_000);
      assert.equal((await disk.stat(`${folder}/a`))?.sizeBytes, 3);
      assert.deepEqual(await get(disk, `${folder}/a`), text("abc"));
      const { totalBytes } = await disk.fileSystem(folder);
      await refuses(disk.reserve(`${folder}/a`, totalBytes + 1_000_000_000), "no-space");
      await refuses(disk.reserve(`${folder}/none`, 1), "not-found");
    });

    check("a subvolume is a folder that can be removed again", async (disk, folder) => {
      await disk.makeSubvolume(`${folder}/s`);
      assert.equal((await disk.stat(`${folder}/s`))?.kind, "folder");
      await refuses(disk.makeSubvolume(`${folder}/s`), "exists");
      await disk.removeSubvolume(`${folder}/s`);
      assert.equal(await disk.stat(`${folder}/s`), undefined);
      await refuses(disk.removeSubvolume(`${folder}/s`), "not-found");
    });

    check("paths do not leave the root, and bad names are Faults", async (disk, folder) => {
      assert.equal(await disk.resolve("/../../.."), "/");
      assert.equal(
        await disk.resolve(`${folder}/../${folder.slice(folder.lastIndexOf("/") + 1)}`),
        await disk.resolve(folder),
      );
      await refuses(disk.open(`${folder}/${"n".repeat(300)}`, "create"), "io-error");
      await refuses(disk.open(`${folder}/a\0b`, "create"), "outside-root");
      await refuses(disk.open("relative", "read"), "outside-root");
    });

    if (withLinks) linkContract(check);
  });
}

function linkContract(
  check: (sentence: string, body: (disk: Disk, folder: MachinePath) => Promise<void>) => void,
): void {
  check("modes, times and folder modes are kept exactly", async (disk, folder) => {
    await put(disk, `${folder}/a`, text("a"));
    await disk.makeFolder(`${folder}/f`);
    const before = await disk.stat(`${folder}/a`);
    assert.ok(before);
    for (const [mode, mtimeUs] of [
      [0o640, 1_700_000_000_123_457n],
      [0o4755, 999_999n],
      [0o444, 1_783_000_000_999_999n],
    ] as const) {
      await using file = await disk.open(`${folder}/a`, "modify");
      await file.setMode(mode);
      await file.setOwner(before.uid, before.gid);
      await file.setMode(mode);
      await file.setTime(mtimeUs);
      await file.sync();
      const stat = await disk.stat(`${folder}/a`);
      assert.deepEqual([stat?.mode, stat?.mtimeUs], [mode, mtimeUs]);
      await file.setMode(0o644);
    }
    assert.notEqual((await disk.stat(`${folder}/a`))?.stamp, before.stamp);
    await disk.setFolderMode(`${folder}/f`, 0o750, before.uid, before.gid);
    assert.equal((await disk.stat(`${folder}/f`))?.mode, 0o750);
  });

  check("replace puts a new file over an old one", async (disk, folder) => {
    await put(disk, `${folder}/a`, text("new"));
    await put(disk, `${folder}/b`, text("old"));
    await disk.replace(`${folder}/a`, `${folder}/b`);
    assert.deepEqual(await get(disk, `${folder}/b`), text("new"));
    assert.equal(await disk.stat(`${folder}/a`), undefined);
    await refuses(disk.replace(`${folder}/none`, `${folder}/b`), "not-found");
  });

  check("a symbolic link is seen as one, and followed inside the root", async (disk, folder) => {
    await disk.makeFolder(`${folder}/f`);
    await put(disk, `${folder}/f/a`, text("a"));
    await disk.symlink("f/a", `${folder}/relative`);
    await disk.symlink(`${folder}/f`, `${folder}/absolute`);
    await disk.symlink("../relative", `${folder}/f/up`);
    const real = await disk.resolve(folder);
    assert.equal((await disk.stat(`${folder}/relative`))?.kind, "symlink");
    assert.equal(await disk.readLink(`${folder}/relative`), "f/a");
    assert.equal(await disk.resolve(`${folder}/relative`), `${real}/f/a`);
    assert.equal(await disk.resolve(`${folder}/absolute/up`), `${real}/f/a`);
    assert.equal((await disk.stat(`${folder}/absolute/a`))?.kind, "file");
    assert.deepEqual(await get(disk, `${folder}/absolute/up`), text("a"));
    await put(disk, `${folder}/absolute/b`, text("b"));
    assert.deepEqual(await get(disk, `${folder}/f/b`), text("b"));
    await refuses(disk.symlink("x", `${folder}/relative`), "exists");
    await refuses(disk.readLink(`${folder}/f`), "io-error");
    await refuses(disk.readLink(`${folder}/none`), "not-found");
    await disk.remove(`${folder}/relative`);
    assert.equal((await disk.stat(`${folder}/f/a`))?.kind, "file");
  });

  check(
    "a link that leads nowhere, in a circle or out of the root resolves to nothing outside",
    async (disk, folder) => {
      await disk.symlink("none", `${folder}/dangling`);
      await disk.symlink("two", `${folder}/one`);
      await disk.symlink("one", `${folder}/two`);
      await disk.symlink("../".repeat(60), `${folder}/out`);
      assert.equal(await disk.resolve(`${folder}/dangling`), undefined);
      assert.equal(await disk.resolve(`${folder}/one`), undefined);
      assert.equal(await disk.resolve(`${folder}/out`), "/");
      await refuses(disk.open(`${folder}/one`, "read"), "not-found");
      await refuses(disk.open(`${folder}/dangling`, "read"), "not-found");
      await refuses(disk.open(`${folder}/dangling`, "create"), "exists");
      assert.equal(await disk.stat(`${folder}/one/deeper`), undefined);
    },
  );

  check("rename and replace move a link itself and refuse to write through one", async (disk, folder) => {
    await put(disk, `${folder}/a`, text("a"));
    await disk.symlink("a", `${folder}/link`);
    await disk.symlink("none", `${folder}/dangling`);
    await refuses(disk.rename(`${folder}/a`, `${folder}/dangling`), "exists");
    await disk.rename(`${folder}/link`, `${folder}/moved`);
    assert.equal(await disk.readLink(`${folder}/moved`), "a");
    await disk.replace(`${folder}/a`, `${folder}/moved`);
    assert.equal((await disk.stat(`${folder}/moved`))?.kind, "file");
  });

  check("a hard link shares content and is counted", async (disk, folder) => {
    await put(disk, `${folder}/a`, text("a"));
    await disk.hardLink(`${folder}/a`, `${folder}/b`);
    assert.equal((await disk.stat(`${folder}/b`))?.links, 2);
    await refuses(disk.hardLink(`${folder}/a`, `${folder}/b`), "exists");
    await refuses(disk.hardLink(`${folder}/none`, `${folder}/c`), "not-found");
    await disk.remove(`${folder}/a`);
    assert.deepEqual(await get(disk, `${folder}/b`), text("a"));
  });

  check("a tree marked read-only takes nothing new until it is unmarked", async (disk, folder) => {
    await disk.makeSubvolume(`${folder}/s`);
    try {
      await disk.setReadOnly(`${folder}/s`, true);
    } catch (error) {
      // A file system without the flag, or a user without the right, must say so.
      assert.ok(error instanceof Fault);
      return;
    }
    await refuses(disk.open(`${folder}/s/a`, "create"), "no-permission", "read-only");
    await disk.setReadOnly(`${folder}/s`, false);
    await put(disk, `${folder}/s/a`, text("a"));
  });
}
