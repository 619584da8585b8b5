// Boot entries: counters that the loader and systemd-bless-boot change, several patterns, and type 1 entries with
// kernel and initrd as resources of their own.
import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { test } from "node:test";
import { doctorMachine } from "../../src/agent/command/doctor.ts";
import { lintReport } from "../../src/agent/command/lint.ts";
import { rollbackMachine } from "../../src/agent/command/rollback.ts";
import { statusReport } from "../../src/agent/command/status.ts";
import { uki, ukiTransfer } from "./parts.ts";
import { noise, transfer, World } from "./world.ts";

async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  await using world = await World.make();
  await body(world);
}

const linux = "/efi/EFI/Linux";

async function move(world: World, folder: string, from: string, to: string): Promise<void> {
  await rename(world.host(`${folder}/${from}`), world.host(`${folder}/${to}`));
}

const installedOf = async (world: World): Promise<readonly string[]> =>
  (await statusReport(world.session())).menu.map(
    ({ fileName, version, verdict }) => `${fileName} ${version} ${verdict}`,
  );

test("an entry that the loader counts down and that is blessed stays the same instance", async () => {
  await withWorld(async (world) => {
    await world.define("90-uki.transfer", ukiTransfer(world));
    await world.publish({ "os_1.efi": uki("1") });
    await world.update();
    for (const [from, to] of [
      ["os_1+3-0.efi", "os_1+2-1.efi"],
      ["os_1+2-1.efi", "os_1+1-2.efi"],
      ["os_1+1-2.efi", "os_1.efi"],
    ] as const) {
      await move(world, linux, from, to);
      const again = await world.update();
      assert.equal(again.transferredBytes, 0);
      assert.deepEqual(again.steps, []);
      assert.deepEqual(await world.list(linux), [to]);
      assert.deepEqual(await installedOf(world), [`${to} 1 sound`]);
      assert.equal(
        (await doctorMachine(world.session(), { deep: true, repair: false })).findings.filter(
          ({ severity }) => severity === "error",
        ).length,
        0,
      );
    }
    await world.running("1");
    await world.publish({ "os_2.efi": uki("2") });
    const second = await world.update();
    assert.deepEqual([second.outcome, second.wayBack], ["done", "1"]);
    assert.deepEqual(await world.list(linux), ["os_1.efi", "os_2+3-0.efi"]);
  });
});

test("every pattern finds its entries, and the first one names the new ones", async () => {
  await withWorld(async (world) => {
    await world.define("90-uki.transfer", ukiTransfer(world, { InstancesMax: "5", TriesLeft: "9" }));
    for (const version of ["1", "2", "3"]) await world.publish({ [`os_${version}.efi`]: uki(version) });
    await world.write(`${linux}/os_1.efi`, uki("1"));
    await world.write(`${linux}/os_2+4.efi`, uki("2"));
    await world.write(`${linux}/other_7.efi`, uki("0"));
    await world.running("1");
    const done = await world.update();
    assert.deepEqual([done.outcome, done.to, done.wayBack], ["done", "3", "1"]);
    const names = await world.list(linux);
    assert.ok(
      names.includes("os_3+9-0.efi") && names.includes("os_1.efi") && names.includes("other_7.efi"),
      String(names),
    );
    assert.deepEqual(
      (await lintReport(world.session())).findings.filter(({ severity }) => severity === "error"),
      [],
    );
  });
});

test("a counter of two digits keeps its width", async () => {
  await withWorld(async (world) => {
    await world.define("90-uki.transfer", ukiTransfer(world, { TriesLeft: "10" }));
    await world.publish({ "os_1.efi": uki("1") });
    await world.update();
    assert.deepEqual(await world.list(linux), ["os_1+10-0.efi"]);
    await move(world, linux, "os_1+10-0.efi", "os_1+09-1.efi");
    assert.deepEqual((await world.update()).steps, []);
    assert.deepEqual(await installedOf(world), ["os_1+09-1.efi 1 sound"]);
  });
});

const conf = (version: string, more = ""): string =>
  `title Test OS ${version}\nversion ${version}\nsort-key os\nlinux /os/${version}/linux\ninitrd /os/${version}/initrd\noptions root=LABEL=os quiet\n${more}`;

async function defineType1(world: World): Promise<void> {
  const part = (name: string): string =>
    transfer(
      { Type: "url-file", Path: world.url, MatchPattern: `os_@v.${name}.zst os_@v.${name}` },
      {
        Type: "regular-file",
        Path: "/os",
        PathRelativeTo: "boot",
        MatchPattern: `@v/${name}`,
        Mode: "0644",
        InstancesMax: "2",
      },
    );
  await world.define("10-kernel.transfer", part("linux"));
  await world.define("20-initrd.transfer", part("initrd"));
  await world.define(
    "90-entry.transfer",
    transfer(
      { Type: "url-file", Path: world.url, MatchPattern: "os_@v.conf" },
      {
        Type: "regular-file",
        Path: "/loader/entries",
        PathRelativeTo: "boot",
        MatchPattern: "os_@v+@l-@d.conf os_@v.conf",
        TriesLeft: "3",
        InstancesMax: "2",
      },
    ),
  );
}

const type1 = (version: string): Record<string, string | Uint8Array> => ({
  [`os_${version}.linux`]: noise(`linux ${version}`, 40_000),
  [`os_${version}.initrd`]: noise(`initrd ${version}`, 90_000),
  [`os_${version}.conf`]: conf(version),
});

const entries = "/efi/loader/entries";

test("a type 1 entry comes after its kernel and initrd, goes before them, and is rolled back by its counter", async () => {
  await withWorld(async (world) => {
    await defineType1(world);
    for (const version of ["1", "2", "3"]) {
      await world.publish(type1(version));
      const done = await world.update();
      assert.deepEqual([done.outcome, done.bootsNext], ["done", version]);
      assert.deepEqual(
        done.steps.map(({ title }) => title).filter((title) => /^(Install|Add)/.test(title)),
        [
          `Install /efi/os/${version}/linux`,
          `Install /efi/os/${version}/initrd`,
          `Add the boot entry ${entries}/os_${version}+3-0.conf`,
        ],
      );
      await move(world, entries, `os_${version}+3-0.conf`, `os_${version}.conf`);
      await world.running(version);
    }
    assert.deepEqual(await world.list("/efi/os"), ["2/", "2/initrd", "2/linux", "3/", "3/initrd", "3/linux"]);
    assert.deepEqual(await world.list(entries), ["os_2.conf", "os_3.conf"]);
    assert.deepEqual(await installedOf(world), ["os_3.conf 3 unchecked", "os_2.conf 2 sound"]);
    const back = await rollbackMachine(world.session(), {});
    assert.deepEqual([back.to, back.bootsNext], ["2", "2"]);
    assert.deepEqual(await world.list(entries), ["os_2.conf", "os_3+0-0.conf"]);
    assert.ok((await world.read("/efi/os/2/linux")).equals(noise("linux 2", 40_000)));
  });
});

test("a type 1 entry whose initrd is gone or changed is named by doctor and mended", async () => {
  await withWorld(async (world) => {
    await defineType1(world);
    await world.publish(type1("1"));
    await world.update();
    await rm(world.host("/efi/os/1/initrd"));
    const missing = await doctorMachine(world.session(), { deep: false, repair: false });
    assert.equal(missing.healthy, false);
    assert.ok(
      missing.findings.some(({ sentence }) => sentence.includes("/efi/os/1/initrd")),
      JSON.stringify(missing.findings),
    );
    const repaired = await doctorMachine(world.session(), { deep: true, repair: true });
    assert.ok(repaired.repaired.length > 0);
    assert.ok((await world.read("/efi/os/1/initrd")).equals(noise("initrd 1", 90_000)));
    assert.deepEqual(await installedOf(world), ["os_1+3-0.conf 1 sound"]);
  });
});

test("a type 1 entry that names a file nobody brings is taken away again by the audit", async () => {
  await withWorld(async (world) => {
    await defineType1(world);
    await world.publish(type1("1"));
    await world.update();
    await move(world, entries, "os_1+3-0.conf", "os_1.conf");
    await world.running("1");
    await world.publish({ ...type1("2"), "os_2.conf": conf("2", "initrd /os/microcode.img\n") });
    await assert.rejects(world.update(), { code: "audit-failed" });
    assert.deepEqual(await world.list(entries), ["os_1.conf"]);
    await world.write("/efi/os/microcode.img", "here now");
    const done = await world.update();
    assert.deepEqual(
      [done.outcome, done.transferredBytes],
      ["done", Buffer.byteLength(conf("2", "initrd /os/microcode.img\n"))],
    );
    assert.deepEqual(await world.list(entries), ["os_1.conf", "os_2+3-0.conf"]);
  });
});
