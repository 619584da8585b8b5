// What a version is, is decided by its bytes: names prove nothing, damage is found, other bytes under an old name are
// never mixed in, and what was there before Holdfast is proven against the repository or shown as adopted.
import assert from "node:assert/strict";
import type { BigIntStats } from "node:fs";
import { chmod, open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { DoctorReport, ListReport, StatusReport } from "../../src/wire/reports.ts";
import { imagePath } from "../../tools/lab/machine-tree.ts";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";
import { json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
let twoAgain: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three] = await world.releases(["1", "2", "3"]);
  twoAgain = await world.release("2", { seed: 7 });
});
after(async () => world[Symbol.asyncDispose]());

/** Inverts one byte in place. */
async function flip(path: string, position: number): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, 0o644);
  {
    await using file = await open(path, "r+");
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, position);
    await file.write(Uint8Array.of((byte[0] ?? 0) ^ 0xff), 0, 1, position);
  }
  await chmod(path, mode);
}

/** How Holdfast's records tell whether a file may have changed. */
function stampOf({ ino, ctimeNs, size }: BigIntStats): string {
  return `${ino}-${ctimeNs}-${size}`;
}

async function doctor(scene: Scene, code: number, ...args: readonly string[]): Promise<DoctorReport> {
  return json(await scene.expect(code, ["doctor", "--json", ...args])) as DoctorReport;
}

async function trustOf(scene: Scene, version: string): Promise<string | undefined> {
  const report = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
  return report.versions.find((line) => line.version === version)?.trust;
}

suite("A name proves nothing", { concurrency: 2 }, () => {
  test("junk under the final name of the image is replaced", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await writeFile(imagePath(scene.machine, two), "this is no image");
    await scene.assertHeals(["1", "2"], two);
    assert.equal(scene.server.bytesSent("/os_2.erofs"), fileOf(two, "image").sizeBytes);
  });

  test("an image of 0 bytes is replaced", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await writeFile(imagePath(scene.machine, two), "");
    await scene.assertHeals(["1", "2"], two);
  });

  test("the right bytes under the right name are not fetched again", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await writeFile(imagePath(scene.machine, two), await readFile(fileOf(two, "image").path));
    await scene.assertHeals(["1", "2"], two);
    assert.equal(scene.server.bytesSent("/os_2.erofs"), 0);
  });

  test("junk under the name of the entry: it goes, and comes back whole", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await writeFile(join(scene.machine.entries, "os_2.efi"), "MZ, or so it says");
    await scene.assertHeals(["1", "2"], two);
  });
});

suite("Damage is found", { concurrency: 2 }, () => {
  test("a flipped byte, by doctor without --deep when the file changed since", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    await flip(imagePath(scene.machine, two), 1000);
    const report = await doctor(scene, 7);
    assert.deepEqual(
      report.findings.filter(({ severity }) => severity === "error").map(({ code, subject }) => [code, subject]),
      [["image-damaged", "/system/os_2.erofs"]],
    );
    await doctor(scene, 0, "--repair");
    await scene.assertBootable(["1", "2"], two);
    await doctor(scene, 0, "--deep");
  });

  test("a flipped byte in the entry, and the next plain update mends it", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    await flip(join(scene.machine.entries, "os_2+3-0.efi"), 20_000);
    const report = await doctor(scene, 7);
    assert.deepEqual(
      report.findings.filter(({ severity }) => severity === "error").map(({ code }) => code),
      ["entry-damaged"],
    );
    await scene.assertHeals(["1", "2"], two);
  });

  test("an emptied image, and the next plain update mends it", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    await chmod(imagePath(scene.machine, two), 0o644);
    await truncate(imagePath(scene.machine, two), 0);
    const report = await doctor(scene, 7);
    assert.ok(
      report.findings.some(({ code, subject }) => code === "image-damaged" && subject === "/system/os_2.erofs"),
    );
    await scene.assertHeals(["1", "2"], two);
  });

  test("a byte that the medium lost without a trace, by doctor --deep", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    const image = imagePath(scene.machine, two);
    const before = stampOf(await stat(image, { bigint: true }));
    await flip(image, 1000);
    // A medium leaves no other change time behind: the record is made to expect the one the flip left.
    const record = join(scene.machine.root, "var/lib/holdfast/versions/2.json");
    const text = await readFile(record, "utf8");
    assert.ok(text.includes(before));
    await writeFile(record, text.replace(before, stampOf(await stat(image, { bigint: true }))));
    await doctor(scene, 0);
    const report = await doctor(scene, 7, "--deep");
    assert.deepEqual(
      report.findings.filter(({ severity }) => severity === "error").map(({ code }) => code),
      ["image-damaged"],
    );
    await doctor(scene, 0, "--deep", "--repair");
    await scene.assertBootable(["1", "2"], two);
  });
});

suite("Other bytes under an old name", { concurrency: 2 }, () => {
  for (const [what, failing] of [
    ["the entry was missing", "/os_2.efi"],
    ["the image was missing", "/os_2.erofs"],
  ] as const) {
    test(`are taken whole after a failed try, never mixed (${what})`, async () => {
      await using scene = await world.scene({ offered: [one, two], installed: [one] });
      scene.server.misbehave({ path: failing, status: 404 });
      await scene.expect(1, ["update"]);
      scene.server.heal();
      await scene.repository.publish(twoAgain);
      await scene.assertHeals(["1", "2"], two, twoAgain);
      assert.deepEqual(await readFile(imagePath(scene.machine, two)), await readFile(fileOf(twoAgain, "image").path));
    });
  }

  test("replace an installed version that does not run, whole", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    await scene.repository.publish(twoAgain);
    const list = json(await scene.expect(0, ["list", "--json"])) as ListReport;
    assert.equal(list.versions.find(({ version }) => version === "2")?.republished, true);
    await scene.assertHeals(["1", "2"], two, twoAgain);
    assert.deepEqual(await readFile(imagePath(scene.machine, two)), await readFile(fileOf(twoAgain, "image").path));
  });

  test("never replace the version that runs", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    await writeFile(join(scene.machine.root, "usr/lib/os-release"), "ID=os\nIMAGE_VERSION=2\n");
    await scene.repository.publish(twoAgain);
    const ended = await scene.expect(4, ["update"]);
    assert.match(
      reason(ended),
      /^Cannot update: the repository now offers other bytes as version 2, which is running$/,
    );
    await scene.assertBootable(["1", "2"], two);
    // Running and not yet found good: neither it nor the way back behind it goes for the next version.
    await scene.repository.publish(three);
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["1", "2", "3"], two, three);
  });
});

suite("A version that was there before Holdfast", { concurrency: 2 }, () => {
  test("is proven against the repository's manifest", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await scene.expect(0, ["update"]);
    assert.equal(await trustOf(scene, "1"), "proven");
  });

  test("is adopted when it runs and the repository does not have it", async () => {
    await using scene = await world.scene({ offered: [two], installed: [one] });
    await scene.expect(0, ["update"]);
    assert.equal(await trustOf(scene, "1"), "adopted");
    assert.equal(await trustOf(scene, "2"), "proven");
    const report = await doctor(scene, 0);
    assert.ok(report.findings.some(({ code, subject }) => code === "adopted" && subject === "1"));
    await scene.assertBootable(["1", "2"], two);
  });

  test("shows as unproven for ever when verification was switched off", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one], verify: false, keyring: null });
    await rm(join(scene.repository.folder, "SHA256SUMS.gpg"));
    await scene.expect(0, ["update"]);
    assert.equal(await trustOf(scene, "2"), "unproven");
    await scene.assertBootable(["1", "2"], two);
  });
});
