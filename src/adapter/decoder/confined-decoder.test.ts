import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, rm, symlink, utimes, writeFile, link } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { Fault } from "../../base/fault.ts";
import { collected, decoderContract } from "../../port/decoder.contract.ts";
import type { TarItem } from "../../port/decoder.ts";
import { confinedDecoder } from "./confined-decoder.ts";
import { TarRules } from "./tar-item.ts";

const run = promisify(execFile);
const decoder = confinedDecoder({ isRoot: process.getuid?.() === 0 });

async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-decoder-"));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Compresses with the tool itself. */
async function byTool(program: string, content: Uint8Array): Promise<Uint8Array> {
  return withFolder(async (folder) => {
    await writeFile(join(folder, "a"), content);
    const { stdout } = await run(program, ["-c", join(folder, "a")], { encoding: "buffer", maxBuffer: 10_000_000 });
    return stdout;
  });
}

decoderContract("confinedDecoder", () => decoder, {
  async compress(compression, content) {
    if (compression === "gz") return gzipSync(content);
    if (compression === "zst") return zstdCompressSync(content);
    return byTool(compression === "xz" ? "xz" : "bzip2", content);
  },
});

async function* pieces(content: Uint8Array, pieceBytes = 10_000): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += pieceBytes)
    yield content.subarray(offset, offset + pieceBytes);
}

type Unpacked = Omit<TarItem, "content"> & { readonly text?: string };

async function unpack(archive: Uint8Array): Promise<readonly Unpacked[]> {
  const items: Unpacked[] = [];
  for await (const item of decoder.untar(pieces(archive))) {
    if (item.kind !== "file") {
      items.push(item);
      continue;
    }
    const { content, ...rest } = item;
    items.push({ ...rest, text: Buffer.from(await collected(content)).toString("latin1") });
  }
  return items;
}

test("folders, files, links, long names and exact times come out of what tar packs, in every format", async () => {
  await withFolder(async (folder) => {
    const long = `f/${"n".repeat(120)}/${"m".repeat(120)}`;
    await mkdir(join(folder, "t", long), { recursive: true });
    await writeFile(join(folder, "t/f/a"), "hello", { mode: 0o640 });
    await utimes(join(folder, "t/f/a"), 1_700_000_000.25, 1_700_000_000.25);
    await writeFile(join(folder, "t", long, "ü"), "x".repeat(20_000));
    await writeFile(join(folder, "t/empty"), "");
    await symlink("../etc/passwd", join(folder, "t/f/z"));
    await link(join(folder, "t/f/a"), join(folder, "t/f/b"));
    for (const format of ["gnu", "posix"]) {
      const made = [
        "--create",
        `--format=${format}`,
        "--sort=name",
        "--owner=7",
        "--group=8",
        "--directory",
        join(folder, "t"),
        ".",
      ];
      const { stdout } = await run("tar", made, { encoding: "buffer", maxBuffer: 10_000_000 });
      const items = await unpack(stdout);
      assert.deepEqual(
        items.map((item) => `${item.kind} ${item.path}`),
        [
          "folder .",
          "file empty",
          "folder f",
          "file f/a",
          "hardlink f/b",
          `folder ${long.slice(0, long.lastIndexOf("/"))}`,
          `folder ${long}`,
          `file ${long}/ü`,
          "symlink f/z",
        ],
      );
      const byPath = new Map(items.map((item) => [item.path, item]));
      const mtimeUs = format === "posix" ? 1_700_000_000_250_000n : 1_700_000_000_000_000n;
      assert.deepEqual(byPath.get("f/a"), {
        kind: "file",
        path: "f/a",
        mode: 0o640,
        uid: 7,
        gid: 8,
        mtimeUs,
        sizeBytes: 5,
        text: "hello",
      });
      assert.deepEqual(byPath.get("f/b"), { kind: "hardlink", path: "f/b", target: "f/a" });
      assert.deepEqual(byPath.get("f/z"), { kind: "symlink", path: "f/z", target: "../etc/passwd", uid: 7, gid: 8 });
      assert.equal(byPath.get(`${long}/ü`)?.text, "x".repeat(20_000));
    }
  });
});

test("sparse files of pax archives get their holes back", async () => {
  await withFolder(async (folder) => {
    await using file = await open(join(folder, "s"), "w");
    await file.write("begin", 0);
    await file.write("middle", 3_000_000);
    await file.truncate(5_000_000);
    await file.sync();
    const expected = Buffer.alloc(5_000_000);
    expected.write("begin", 0);
    expected.write("middle", 3_000_000);
    for (const version of ["0.1", "1.0"]) {
      const made = [
        "--create",
        "--sparse",
        "--format=posix",
        `--sparse-version=${version}`,
        "--directory",
        folder,
        "s",
      ];
      const { stdout } = await run("tar", made, { encoding: "buffer", maxBuffer: 10_000_000 });
      assert.ok(stdout.length < 1_000_000);
      let count = 0;
      for await (const item of decoder.untar(pieces(stdout))) {
        assert.ok(item.kind === "file");
        assert.deepEqual([item.path, item.sizeBytes], ["s", 5_000_000]);
        const parts: Uint8Array[] = [];
        for await (const part of item.content) parts.push(part.slice());
        assert.ok(Buffer.concat(parts).equals(expected));
        count += 1;
      }
      assert.equal(count, 1);
    }
  });
});

async function packed(
  entries: readonly { name: string; type?: "file" | "symlink" | "link" | "fifo" | "block-device"; linkname?: string }[],
): Promise<Uint8Array> {
  const archive = pack();
  for (const entry of entries) archive.entry(entry, "");
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}

test("nothing leads out of the folder", async () => {
  for (const entries of [
    [{ name: "/etc/passwd" }],
    [{ name: "../x" }],
    [{ name: "a/../../x" }],
    [{ name: "a", type: "symlink", linkname: "/etc" }, { name: "a/passwd" }],
    [{ name: "a/b", type: "symlink", linkname: ".." }, { name: "./a//b/c/d" }],
    [{ name: "a", type: "link", linkname: "/etc/passwd" }],
    [
      { name: "a", type: "symlink", linkname: ".." },
      { name: "h", type: "link", linkname: "a/secret" },
    ],
  ] as const) {
    await assert.rejects(packed(entries).then(unpack), { code: "escapes-folder" }, JSON.stringify(entries));
  }
});

test("devices, pipes, garbage and a cut archive are refused with their names", async () => {
  await assert.rejects(packed([{ name: "dev/sda", type: "block-device" }]).then(unpack), {
    code: "damaged-archive",
    message: /"dev\/sda": it is a device/,
  });
  await assert.rejects(packed([{ name: "p", type: "fifo" }]).then(unpack), {
    code: "damaged-archive",
    message: /"p": it is a named pipe/,
  });
  await assert.rejects(unpack(Buffer.alloc(10_000, 0x41)), { code: "damaged-archive" });
  const archive = pack();
  archive.entry({ name: "a" }, "x".repeat(10_000));
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive as AsyncIterable<Uint8Array>) parts.push(part);
  await assert.rejects(unpack(Buffer.concat(parts).subarray(0, 5000)), { code: "damaged-archive" });
});

test("whatever the child may claim about an item is checked again", () => {
  const good = { type: "file", path: "a", mode: 0o644, uid: 0, gid: 0, mtimeUs: "0", sizeBytes: 1, target: "" };
  assert.equal(new TarRules().header(good).kind, "file");
  for (const bad of [
    { type: "socket" },
    { path: 7 },
    { path: "a\0b" },
    { path: "x".repeat(5000) },
    { mode: 0o10000 },
    { uid: -1 },
    { gid: 1.5 },
    { sizeBytes: -1 },
    { sizeBytes: 2 ** 60 },
    { mtimeUs: "1e9" },
    { mtimeUs: 5 },
    { type: "symlink", target: "" },
    { path: "." },
  ]) {
    assert.throws(
      () => new TarRules().header({ ...good, ...bad }),
      (error: unknown) => error instanceof Fault,
      JSON.stringify(bad),
    );
  }
});
