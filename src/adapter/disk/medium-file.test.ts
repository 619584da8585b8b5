import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, readFile, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { get } from "../../port/disk.contract.ts";
import type { DiskFile } from "../../port/disk.ts";
import { nodeProcess } from "../process/node-process.ts";
import { AlignedBuffers, openMedium } from "./medium-file.ts";
import { nodeDisk } from "./node-disk.ts";

const host = nodeProcess({ root: "/" });

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "holdfast-medium-")));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Mounts a new file system of an image file, or skips with the reason. */
async function withImage(
  context: TestContext,
  folder: string,
  body: (image: string, mounted: string) => Promise<void>,
): Promise<void> {
  const [image, mounted] = [join(folder, "image"), join(folder, "mounted")];
  await writeFile(image, "");
  await truncate(image, 48 * 1024 * 1024);
  await mkdir(mounted);
  for (const [program, ...args] of [
    ["mkfs.ext4", "-q", "-b", "4096", image],
    ["mount", "-o", "loop", image, mounted],
  ] as const) {
    const result = await host.run(program, args).catch((error: Error) => ({ exitCode: -1, stderr: error.message }));
    if (result.exitCode !== 0) {
      context.skip(`cannot mount an image here: ${program}: ${result.stderr.trim()}`);
      return;
    }
  }
  try {
    await body(image, mounted);
  } finally {
    await host.run("umount", [mounted]);
  }
}

test("a block flipped on the medium below a warm page cache is seen by medium and not by read", async (context) => {
  await withFolder((folder) =>
    withImage(context, folder, async (image, mounted) => {
      const content = randomBytes(2 * 1024 * 1024 + 100);
      await writeFile(join(mounted, "a"), content);
      const disk = nodeDisk({ root: "/", process: host });
      {
        await using file = await disk.open(join(mounted, "a"), "modify");
        await file.sync();
      }
      const digest = async (mode: "read" | "medium"): Promise<string> =>
        createHash("sha256")
          .update(await get(disk, join(mounted, "a"), mode))
          .digest("hex");
      const good = createHash("sha256").update(content).digest("hex");
      assert.deepEqual([await digest("read"), await digest("medium")], [good, good]);

      // The file's block at 1 MiB, found in the image by its content.
      const place = (await readFile(image)).indexOf(content.subarray(1024 * 1024, 1024 * 1024 + 4096));
      assert.ok(place > 0);
      const backing = await open(image, "r+");
      await backing.write(Buffer.from([(content[1024 * 1024] ?? 0) ^ 0xff]), 0, 1, place);
      await backing.sync();
      await backing.close();

      assert.equal(await digest("read"), good);
      assert.notEqual(await digest("medium"), good);
    }),
  );
});

test("the file says how it is read", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "a"), "abc");
    await using file = await openMedium(join(folder, "a"), "/a", new AlignedBuffers(), host);
    assert.ok(["direct", "dropped"].includes(file.readPath), file.readPath);
  });
});

test("where direct reads are refused the cache is asked to forget, and without dd that is said", async () => {
  // Files of /proc refuse O_DIRECT.
  await using dropped = await openMedium("/proc/self/status", "/proc/self/status", new AlignedBuffers(), host);
  assert.ok(["dropped", "cached"].includes(dropped.readPath));
  const without = { ...host, run: () => host.run("holdfast-no-such-program", []) };
  await using cached = await openMedium("/proc/self/status", "/proc/self/status", new AlignedBuffers(), without);
  assert.equal(cached.readPath, "cached");
});

test("reads of any size and place, at the same time too, return the file's bytes", async () => {
  await withFolder(async (folder) => {
    const content = randomBytes(2_500_001);
    await writeFile(join(folder, "a"), content);
    const disk = nodeDisk({ root: "/", process: host });
    await using file = await disk.open(join(folder, "a"), "medium");
    const piece = async (source: DiskFile, offset: number, length: number): Promise<void> => {
      const into = new Uint8Array(length);
      const count = await source.read(offset, into);
      assert.deepEqual(
        Buffer.from(into.subarray(0, count)),
        content.subarray(offset, offset + length),
        `${length} at ${offset}`,
      );
    };
    const places = [0, 1, 511, 4095, 4096, 4097, 1_048_575, 1_048_577, 2_499_999, 2_500_001, 3_000_000];
    await Promise.all(
      places.flatMap((offset) => [1, 4096, 5000, 1_100_000].map((length) => piece(file, offset, length))),
    );
    for (let offset = 0; offset < content.length; offset += 100_000) await piece(file, offset, 100_000);
  });
});
