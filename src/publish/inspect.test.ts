import assert from "node:assert/strict";
import { test } from "node:test";
import { tinyErofs } from "../format/erofs/tiny-erofs.fixture.ts";
import { bytesReader, tinyUki } from "../format/pe.fixture.ts";
import { simDigest } from "../sim/digest/sim-digest.ts";
import { inspectFile } from "./inspect.ts";
import { readSystem } from "./read-system.ts";
import type { PayloadFacts } from "./release-facts.ts";

const inspect = (name: string, bytes: Uint8Array): Promise<PayloadFacts> =>
  inspectFile(name, bytesReader(bytes), {
    digest: simDigest,
    initrd: async () => ({ kind: "unknown", why: "it was not looked into" }),
    system: readSystem,
  });

test("a UKI says its version, machine and command line", async () => {
  const bytes = tinyUki({ osRelease: "ID=os\nIMAGE_VERSION=5\n", cmdline: "quiet" });
  const { entry } = await inspect("os_5.efi", bytes);
  assert.deepEqual(entry, { architecture: "x86-64", shown: true, version: "5", commandLine: "quiet" });
});

test("what is cut off, empty or of another kind than its name says is damaged", async () => {
  const uki = tinyUki({ osRelease: "ID=os\n" });
  const image = tinyErofs(new Uint8Array(10_000));
  for (const [name, bytes, code] of [
    ["os_5.efi", uki.subarray(0, -1), "pe-truncated"],
    ["os_5.efi", new Uint8Array(600), "not-pe"],
    ["os_5.efi", new Uint8Array(0), "file-empty"],
    ["os_5.erofs", image.subarray(0, -1), "erofs-truncated"],
    ["os_5.img", image.subarray(0, 5000), "erofs-truncated"],
    ["os_5.erofs", new Uint8Array(9000), "not-erofs"],
  ] as const) {
    const { damage } = await inspect(name, bytes);
    assert.equal(damage?.code, code, name);
    assert.doesNotMatch(damage.why, /^Cannot/);
  }
});

test("an image in which nothing can be read condemns nothing", async () => {
  const { erofs, system, damage } = await inspect("os_5.erofs", tinyErofs(new Uint8Array(10_000).fill(255)));
  assert.deepEqual([erofs?.sizeBytes, system, damage], [16_384, undefined, undefined]);
});

test("other files are what they are", async () => {
  assert.deepEqual(await inspect("os_5.tar", new Uint8Array(10)), { name: "os_5.tar", sizeBytes: 10 });
});

test("a type 1 entry says its version and options", async () => {
  const { entry } = await inspect(
    "os_5.conf",
    new TextEncoder().encode("title OS\nversion 5\nlinux /os_5.linux\noptions quiet\n"),
  );
  assert.deepEqual(entry, { architecture: undefined, shown: true, version: "5", commandLine: "quiet" });
});
