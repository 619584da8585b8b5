// Targets of type regular-file: compression, metadata from names and settings, folders that patterns make, anchors.
import assert from "node:assert/strict";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lintReport } from "../../src/agent/command/lint.ts";
import { vacuumMachine } from "../../src/agent/command/vacuum.ts";
import { compress } from "./archives.ts";
import { uki, ukiTransfer } from "./parts.ts";
import { noise, sha256, transfer, World } from "./world.ts";

type Keys = Readonly<Record<string, string>>;

const dataTransfer = (world: World, source: string, target: Keys = {}): string =>
  transfer(
    { Type: "url-file", Path: world.url, MatchPattern: source },
    { Type: "regular-file", Path: "/opt/data", MatchPattern: "data_@v", ...target },
  );

async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  await using world = await World.make();
  await body(world);
}

const plain = noise("plain", 300_000);
const programs = [
  ["gz", "gzip"],
  ["xz", "xz"],
  ["zst", "zstd"],
  ["bz2", "bzip2"],
] as const;

for (const [suffix, program] of programs) {
  test(`.${suffix}: one member, two members, cut short, and garbage`, async () => {
    await withWorld(async (world) => {
      await world.define("data.transfer", dataTransfer(world, `data_@v.${suffix}`));
      const half = await compress(program, plain.subarray(0, 100_000));
      const rest = await compress(program, plain.subarray(100_000));
      await world.publish({ [`data_1.${suffix}`]: await compress(program, plain) });
      await world.update();
      assert.ok((await world.read("/opt/data/data_1")).equals(plain));
      await world.publish({ [`data_2.${suffix}`]: Buffer.concat([half, rest]) });
      await world.update();
      assert.ok((await world.read("/opt/data/data_2")).equals(plain));

      const names = ["data_1", "data_2"];
      const message = new RegExp(`^Cannot use data_3\\.${suffix}: [^\\n]+$`);
      const refused = async (bytes: Uint8Array): Promise<void> => {
        await world.publish({ [`data_3.${suffix}`]: bytes });
        await assert.rejects(world.update(), (error: Error & { code?: string }) => {
          assert.equal(error.code, "damaged-archive", error.message);
          assert.match(error.message, message);
          return true;
        });
        assert.deepEqual(
          (await world.list("/opt/data")).filter((name) => !name.startsWith(".")),
          names,
        );
      };
      await refused(rest.subarray(0, rest.length - 20));
      await refused(Buffer.concat([half, rest.subarray(0, 1000)]));
      await refused(Buffer.concat([rest.subarray(0, 40), noise("garbage", 5000)]));
      await vacuumMachine(world.session());
      assert.deepEqual(await world.list("/opt/data"), names);
    });
  });
}

test("the first bytes decide, not the suffix", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", dataTransfer(world, "a_@v.gz", { MatchPattern: "a_@v" }));
    await world.define("b.transfer", dataTransfer(world, "b_@v.raw", { MatchPattern: "b_@v" }));
    await world.define("c.transfer", dataTransfer(world, "c_@v.xz", { MatchPattern: "c_@v" }));
    await world.publish({
      "a_1.gz": plain,
      "b_1.raw": await compress("zstd", plain),
      "c_1.xz": await compress("gzip", plain),
    });
    assert.equal((await world.update()).outcome, "done");
    assert.deepEqual(await world.list("/opt/data"), ["a_1", "b_1", "c_1"]);
    for (const name of ["a_1", "b_1", "c_1"]) assert.ok((await world.read(`/opt/data/${name}`)).equals(plain), name);
    assert.equal((await world.update()).outcome, "nothing-to-do");
  });
});

test("a file of nothing and one shorter than any magic are installed as they are", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", dataTransfer(world, "a_@v", { MatchPattern: "a_@v" }));
    await world.define("b.transfer", dataTransfer(world, "b_@v", { MatchPattern: "b_@v" }));
    await world.publish({ a_1: "", b_1: Buffer.from([0x1f]) });
    assert.equal((await world.update()).outcome, "done");
    assert.deepEqual(
      [await world.read("/opt/data/a_1"), await world.read("/opt/data/b_1")],
      [Buffer.alloc(0), Buffer.from([0x1f])],
    );
    assert.equal((await world.update()).outcome, "nothing-to-do");
  });
});

for (const [name, source, published, target, mode] of [
  ["Mode=", "data_@v", "data_1", { Mode: "0640" }, 0o640],
  ["Mode= and ReadOnly=: the write bits go", "data_@v", "data_1", { Mode: "0664", ReadOnly: "yes" }, 0o444],
  ["ReadOnly= alone", "data_@v", "data_1", { ReadOnly: "yes" }, 0o444],
  ["@m of the source's name", "data_@v_@m", "data_1_750", {}, 0o750],
  ["@r of the source's name", "data_@v_@r", "data_1_1", {}, 0o444],
  ["Mode= before @m", "data_@v_@m", "data_1_750", { Mode: "0600" }, 0o600],
] as const) {
  test(`the mode of a file: ${name}`, async () => {
    await withWorld(async (world) => {
      await world.define("data.transfer", dataTransfer(world, source, target));
      await world.publish({ [published]: plain });
      await world.update();
      assert.deepEqual(await world.list("/opt/data"), ["data_1"]);
      assert.equal((await world.mode("/opt/data/data_1")).toString(8), mode.toString(8));
      assert.equal((await world.update()).outcome, "nothing-to-do");
    });
  });
}

test("@t, @s and @h of the source's name: time, size and digest", async () => {
  await withWorld(async (world) => {
    const packed = await compress("gzip", plain);
    const digest = sha256(packed);
    await world.define("data.transfer", dataTransfer(world, "data_@v_@t_@s_@h.gz"));
    await world.publish({ [`data_1_1600000000123456_${plain.length}_${digest}.gz`]: packed });
    await world.update();
    assert.ok((await world.read("/opt/data/data_1")).equals(plain));
    assert.equal((await stat(world.host("/opt/data/data_1"), { bigint: true })).mtimeNs / 1000n, 1600000000123456n);
    assert.equal((await world.update()).outcome, "nothing-to-do");
    const wrong = "0".repeat(64);
    await world.publish({ [`data_2_1600000000123456_${plain.length}_${wrong}.gz`]: packed });
    await assert.rejects(world.update(), { code: "two-digests" });
    assert.deepEqual(await world.list("/opt/data"), ["data_1"]);
  });
});

test("what comes out must have the size that the name says", async () => {
  await withWorld(async (world) => {
    await world.define("data.transfer", dataTransfer(world, "data_@v_@s.gz"));
    for (const size of [plain.length - 1, plain.length + 1]) {
      await world.publish({ [`data_1_${size}.gz`]: await compress("gzip", plain) });
      await assert.rejects(world.update(), { code: size < plain.length ? "too-large" : "wrong-size" });
      await world.withdraw(`data_1_${size}.gz`);
      assert.deepEqual(
        (await world.list("/opt/data")).filter((name) => !name.startsWith(".")),
        [],
      );
    }
  });
});

test("without a manifest, @h in the name is the digest that is demanded", async () => {
  await withWorld(async (world) => {
    await mkdir(world.host("/media"), { recursive: true });
    await world.define(
      "data.transfer",
      transfer(
        { Type: "regular-file", Path: "/media", MatchPattern: "data_@v_@h" },
        { Type: "regular-file", Path: "/opt/data", MatchPattern: "data_@v" },
        { Verify: "no" },
      ),
    );
    await world.write(`/media/data_1_${sha256(plain)}`, plain);
    const done = await world.update();
    assert.ok((await world.read("/opt/data/data_1")).equals(plain));
    assert.ok(
      done.notices.some((notice) => notice.includes("Verify=no")),
      String(done.notices),
    );
    await world.write(`/media/data_2_${sha256(plain)}`, noise("other", 10));
    await assert.rejects(world.update(), { code: "digest-mismatch" });
    assert.deepEqual(await world.list("/opt/data"), ["data_1"]);
  });
});

test("a folder in a target pattern is made, and goes with its last file", async () => {
  await withWorld(async (world) => {
    const addon = transfer(
      { Type: "url-file", Path: world.url, MatchPattern: "addon_@v.efi" },
      {
        Type: "regular-file",
        Path: "/EFI/Linux",
        PathRelativeTo: "boot",
        MatchPattern: "os_@v.efi.extra.d/extra.addon.efi",
        InstancesMax: "2",
      },
    );
    await world.define("50-addon.transfer", addon);
    await world.define("90-uki.transfer", ukiTransfer(world));
    for (const version of ["1", "2", "3"]) {
      await world.publish({
        [`addon_${version}.efi`]: noise(`addon ${version}`, 900),
        [`os_${version}.efi`]: uki(version),
      });
      const done = await world.update();
      assert.equal(done.bootsNext, version);
      assert.ok(
        (await world.read(`/efi/EFI/Linux/os_${version}.efi.extra.d/extra.addon.efi`)).equals(
          noise(`addon ${version}`, 900),
        ),
      );
      await world.running(version);
      await rename(world, version);
    }
    assert.deepEqual(await world.list("/efi/EFI/Linux"), [
      "os_2.efi",
      "os_2.efi.extra.d/",
      "os_2.efi.extra.d/extra.addon.efi",
      "os_3.efi",
      "os_3.efi.extra.d/",
      "os_3.efi.extra.d/extra.addon.efi",
    ]);
    assert.equal((await world.update()).outcome, "nothing-to-do");
    assert.deepEqual(
      (await lintReport(world.session())).findings.filter(({ severity }) => severity === "error"),
      [],
    );
  });
});

async function rename(world: World, version: string): Promise<void> {
  const { rename: move } = await import("node:fs/promises");
  await move(world.host(`/efi/EFI/Linux/os_${version}+3-0.efi`), world.host(`/efi/EFI/Linux/os_${version}.efi`));
}

for (const [anchor, environment, folder] of [
  ["esp", { SYSTEMD_ESP_PATH: "/mnt/esp" }, "/mnt/esp"],
  ["boot", { SYSTEMD_ESP_PATH: "/mnt/esp" }, "/mnt/esp"],
  ["boot", { SYSTEMD_ESP_PATH: "/mnt/esp", SYSTEMD_XBOOTLDR_PATH: "/mnt/boot" }, "/mnt/boot"],
  ["xbootldr", { SYSTEMD_ESP_PATH: "/mnt/esp", SYSTEMD_XBOOTLDR_PATH: "/mnt/boot" }, "/mnt/boot"],
  ["esp", { SYSTEMD_ESP_PATH: "/mnt/esp", SYSTEMD_XBOOTLDR_PATH: "/mnt/boot" }, "/mnt/esp"],
  ["root", { SYSTEMD_ESP_PATH: "/mnt/esp" }, ""],
] as const) {
  test(`PathRelativeTo=${anchor} with ${Object.keys(environment).join(" and ")} is ${folder === "" ? "the root" : folder}`, async () => {
    await withWorld(async (world) => {
      Object.assign(world.env, environment);
      for (const path of Object.values(environment)) await mkdir(world.host(path), { recursive: true });
      await world.define(
        "data.transfer",
        dataTransfer(world, "data_@v", { Path: "/sub/folder", PathRelativeTo: anchor }),
      );
      await world.publish({ data_1: plain });
      const ran = await world.run("update", "--json");
      assert.equal(ran.code, 0, ran.stderr);
      assert.ok((await world.read(`${folder}/sub/folder/data_1`)).equals(plain));
    });
  });
}

test("PathRelativeTo=xbootldr without such a partition is refused with the variable to set", async () => {
  await withWorld(async (world) => {
    await world.define("data.transfer", dataTransfer(world, "data_@v", { PathRelativeTo: "xbootldr" }));
    await world.publish({ data_1: plain });
    const ran = await world.run("update");
    assert.equal(ran.code, 4, ran.stderr);
    assert.match(ran.stderr, /Cannot find an XBOOTLDR partition/);
    assert.match(ran.stderr, /SYSTEMD_XBOOTLDR_PATH/);
  });
});

test("PathRelativeTo=explicit needs --transfer-source, and takes from there", async () => {
  await withWorld(async (world) => {
    await world.define(
      "data.transfer",
      transfer(
        { Type: "regular-file", Path: "/images", PathRelativeTo: "explicit", MatchPattern: "data_@v.zst" },
        { Type: "regular-file", Path: "/opt/data", MatchPattern: "data_@v" },
        { Verify: "no" },
      ),
    );
    await world.write("/srv/stick/images/data_7.zst", await compress("zstd", plain));
    const without = await world.run("sysupdate", "update");
    assert.equal(without.code, 1, without.stderr);
    assert.match(without.stderr, /--transfer-source=/);
    const ran = await world.run("sysupdate", "update", "--transfer-source=/srv/stick");
    assert.equal(ran.code, 0, ran.stderr);
    assert.ok((await world.read("/opt/data/data_7")).equals(plain));
  });
});

test("a source folder with a manifest is verified like a server, and without one refused", async () => {
  await withWorld(async (world) => {
    const definition = transfer(
      { Type: "regular-file", Path: "/srv/repo", MatchPattern: "data_@v" },
      { Type: "regular-file", Path: "/opt/data", MatchPattern: "data_@v" },
    );
    await world.define("data.transfer", definition);
    await world.publish({ data_1: plain });
    await world.update();
    await writeFile(join(world.repository, "data_2"), "unlisted");
    assert.equal((await world.update()).outcome, "nothing-to-do");
    await world.publish({ data_3: plain });
    await writeFile(join(world.repository, "data_3"), noise("forged", plain.length));
    await assert.rejects(world.update(), { code: "digest-mismatch" });
    assert.deepEqual(await world.list("/opt/data"), ["data_1"]);
    await world.define("data.transfer", definition.replace("/srv/repo", "/srv/bare"));
    await world.write("/srv/bare/data_4", plain);
    await assert.rejects(world.update(), /SHA256SUMS/);
  });
});

test("InstancesMax= counts files, and the way back is never among those that go", async () => {
  await withWorld(async (world) => {
    await world.define("data.transfer", dataTransfer(world, "data_@v", { InstancesMax: "3" }));
    for (const version of ["1", "2", "3", "4", "5"]) {
      await world.publish({ [`data_${version}`]: noise(version, 1000) });
      await world.update();
    }
    assert.deepEqual(await world.list("/opt/data"), ["data_3", "data_4", "data_5"]);
  });
});

test("resources in folders of the source: by their path, and at any depth", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", dataTransfer(world, "one/a_@v.raw", { MatchPattern: "a_@v" }));
    await world.define("b.transfer", dataTransfer(world, "**/b_@v.raw", { MatchPattern: "b_@v" }));
    await world.define("c.transfer", dataTransfer(world, "@v/c.raw", { MatchPattern: "c/@v/raw" }));
    await world.publish({
      "one/a_1.raw": "a",
      "two/three/b_1.raw": "b",
      "1/c.raw": "c",
      "a_2.raw": "no",
      "b_2.raw": "b",
    });
    assert.equal((await world.update()).to, "1");
    assert.deepEqual(
      (await world.list("/opt/data")).filter((name) => !name.endsWith("/")),
      ["a_1", "b_1", "c/1/raw"],
    );
    assert.equal((await world.update()).outcome, "nothing-to-do");
  });
});

test("a file under the right name with other bytes is replaced, and one with the right bytes is not brought again", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", dataTransfer(world, "a_@v", { MatchPattern: "a_@v" }));
    await world.define("b.transfer", dataTransfer(world, "b_@v", { MatchPattern: "b_@v" }));
    await world.publish({ a_1: plain, b_1: plain });
    await world.write("/opt/data/a_1", plain);
    await world.write("/opt/data/b_1", noise("forged", plain.length));
    const done = await world.update();
    assert.deepEqual(
      done.steps.map(({ title }) => title).filter((title) => /^(Copy|Install)/.test(title)),
      ["Copy b_1", "Install /opt/data/b_1"],
    );
    assert.ok((await world.read("/opt/data/b_1")).equals(plain));
  });
});
