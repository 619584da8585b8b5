// sysupdate.d itself: search paths, drop-ins, masks, features, components, specifiers, and what is wrong with a file.
import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { test } from "node:test";
import { readComponents, readDefinitions } from "../../src/agent/observe/definitions.ts";
import { listReport } from "../../src/agent/command/list.ts";
import { pinVersion } from "../../src/agent/command/pins.ts";
import { vacuumMachine } from "../../src/agent/command/vacuum.ts";
import { entryOf, uki, ukiTransfer } from "./parts.ts";
import { noise, transfer, World } from "./world.ts";

type Keys = Readonly<Record<string, string>>;

async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  await using world = await World.make();
  await body(world);
}

const data = (name: string, target: Keys = {}, own: Keys = {}): string =>
  transfer(
    { Type: "url-file", Path: "file:///srv/repo", MatchPattern: `${name}_@v` },
    { Type: "regular-file", Path: `/opt/${name}`, MatchPattern: `${name}_@v`, ...target },
    own,
  );

const targetsOf = async (world: World, component?: string): Promise<readonly string[]> => {
  const { enabled } = await readDefinitions(world.session(component === undefined ? {} : { component }));
  return enabled.map(({ id, target }) => `${id} ${target.path}`);
};

test("the first folder of the search path has each file, and the order is that of the names", async () => {
  await withWorld(async (world) => {
    for (const [at, folder] of ["/usr/lib", "/usr/local/lib", "/run", "/etc"].entries()) {
      for (const name of ["a", "b", "c", "d"].slice(at))
        await world.write(`${folder}/sysupdate.d/${name}.transfer`, data("x", { Path: `${folder}/${name}` }));
    }
    assert.deepEqual(await targetsOf(world), ["a /usr/lib/a", "b /usr/local/lib/b", "c /run/c", "d /etc/d"]);
  });
});

test("drop-ins from every folder apply in the order of their names, and the first folder has each", async () => {
  await withWorld(async (world) => {
    await world.write("/usr/lib/sysupdate.d/a.transfer", data("a"));
    await world.write("/usr/lib/sysupdate.d/a.transfer.d/10-vendor.conf", "[Target]\nPath=/vendor\nMode=0600\n");
    await world.write("/etc/sysupdate.d/a.transfer.d/20-admin.conf", "[Target]\nMode=0640\n");
    await world.write("/usr/lib/sysupdate.d/a.transfer.d/30-both.conf", "[Target]\nInstancesMax=9\n");
    await world.write("/run/sysupdate.d/a.transfer.d/30-both.conf", "[Target]\nInstancesMax=5\n");
    await world.write("/usr/lib/sysupdate.d/a.transfer.d/40-masked.conf", "[Target]\nPath=/wrong\n");
    await world.write("/etc/sysupdate.d/a.transfer.d/40-masked.conf", "");
    const { enabled } = await readDefinitions(world.session());
    assert.deepEqual(
      enabled.map(({ target }) => [target.path, target.mode, target.instancesMax]),
      [["/vendor", 0o640, 5]],
    );
  });
});

test("an empty file and a link to /dev/null mask a definition", async () => {
  await withWorld(async (world) => {
    for (const name of ["a", "b", "c"]) await world.write(`/usr/lib/sysupdate.d/${name}.transfer`, data(name));
    await world.write("/etc/sysupdate.d/a.transfer", "");
    await mkdir(world.host("/run/sysupdate.d"), { recursive: true });
    await symlink("/dev/null", world.host("/run/sysupdate.d/b.transfer"));
    assert.deepEqual(await targetsOf(world), ["c /opt/c"]);
    await world.define("c.transfer", "");
    const ran = await world.run("update");
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stderr, /Cannot find definitions: there are none in /);
  });
});

test(".conf files count only where there is no .transfer at all", async () => {
  await withWorld(async (world) => {
    await world.write("/usr/lib/sysupdate.d/old.conf", data("old"));
    assert.deepEqual(await targetsOf(world), ["old /opt/old"]);
    await world.define("new.transfer", data("new"));
    assert.deepEqual(await targetsOf(world), ["new /opt/new"]);
    assert.deepEqual((await readDefinitions(world.session())).unreadFiles, ["/usr/lib/sysupdate.d/old.conf"]);
  });
});

test("specifiers are replaced in paths, patterns and protected versions", async () => {
  await withWorld(async (world) => {
    await world.running("3");
    await world.define(
      "a.transfer",
      transfer(
        { Type: "url-file", Path: "file:///srv/%o", MatchPattern: "%M_@v_%a" },
        { Type: "regular-file", Path: "/opt/%o/%w-%%", MatchPattern: "%M_@v" },
        { ProtectVersion: "%A", MinVersion: "%w" },
      ),
    );
    const { enabled } = await readDefinitions(world.session());
    const architecture = world.session().machine.process.architecture;
    assert.deepEqual(
      enabled.map(({ source, target, protectVersions, minVersion }) => [
        source.path,
        source.patterns.map(({ text }) => text),
        target.path,
        protectVersions,
        minVersion,
      ]),
      [["file:///srv/os", [`os_@v_${architecture}`], "/opt/os/7-%", ["3"], "7"]],
    );
  });
});

for (const [what, text, place, message] of [
  ["no source type", "[Source]\nPath=/x\nMatchPattern=a_@v\n[Target]\nPath=/y\n", "", /\[Source\] has no Type=/],
  [
    "a pattern without @v",
    "[Source]\nType=regular-file\nPath=/x\nMatchPattern=a\n[Target]\nPath=/y\n",
    ":4",
    /has no @v/,
  ],
  [
    "a target that the source cannot fill",
    "[Source]\nType=tar\nPath=/x\nMatchPattern=a_@v\n[Target]\nType=partition\nPath=/dev/sda\n",
    "",
    /cannot fill a target of Type=partition/,
  ],
  [
    "a path that leads upwards",
    "[Source]\nType=regular-file\nPath=/x/../y\nMatchPattern=a_@v\n[Target]\nPath=/y\n",
    "",
    /contains \. or \.\./,
  ],
  ["an unknown specifier", "[Source]\nType=regular-file\nPath=/%z\nMatchPattern=a_@v\n[Target]\nPath=/y\n", ":3", /%z/],
] as const) {
  test(`what is wrong with a definition is said with its file and line: ${what}`, async () => {
    await withWorld(async (world) => {
      await world.define("a.transfer", data("a"));
      await world.publish({ a_1: "1" });
      await world.write("/usr/lib/sysupdate.d/b.transfer", text);
      await assert.rejects(world.update(), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(`/usr/lib/sysupdate.d/b.transfer${place}`), error.message);
        return true;
      });
      assert.deepEqual(await world.list("/opt"), []);
    });
  });
}

test("a wrong value is ignored with a warning that names its line, and the rest holds", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", `${data("a")}Mode=rw\nInstancesMax=1\nColour=blue\n`);
    const { warnings, enabled } = await readDefinitions(world.session());
    assert.deepEqual(
      warnings.map(({ file, line }) => `${file}:${line}`),
      ["/etc/sysupdate.d/a.transfer:11", "/etc/sysupdate.d/a.transfer:12", "/etc/sysupdate.d/a.transfer:13"],
    );
    assert.deepEqual(
      enabled.map(({ target }) => [target.mode, target.instancesMax]),
      [[undefined, 2]],
    );
  });
});

test("a version counts only when every transfer has it", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", data("a"));
    await world.define("b.transfer", data("b"));
    await world.publish({ a_1: "1", b_1: "1", a_2: "2" });
    assert.equal((await world.update()).to, "1");
    await assert.rejects(world.update({ version: "2" }), {
      code: "incomplete-release",
      message: "Cannot update to 2: the repository has nothing of it for b",
    });
    assert.deepEqual(await world.list("/opt"), ["a/", "a/a_1", "b/", "b/b_1"]);
  });
});

test("features switch transfers on and off; vacuum takes what a switched-off one left, and nothing else", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", data("a"));
    await world.write("/usr/lib/sysupdate.d/b.transfer", data("b", {}, { Features: "extra" }));
    await world.write("/usr/lib/sysupdate.d/c.transfer", data("c", {}, { RequisiteFeatures: "extra more" }));
    await world.write("/usr/lib/sysupdate.d/extra.feature", "[Feature]\nDescription=Extra\n");
    await world.write("/usr/lib/sysupdate.d/more.feature", "[Feature]\nEnabled=yes\n");
    await world.publish({ a_1: "1", b_1: "1", c_1: "1", a_2: "2" });
    assert.equal((await world.update()).to, "2");
    assert.deepEqual(await world.list("/opt"), ["a/", "a/a_2"]);
    await world.publish({ b_2: "2", c_2: "2" });
    await world.write("/etc/sysupdate.d/extra.feature.d/50-on.conf", "[Feature]\nEnabled=yes\n");
    const added = await world.update();
    assert.equal(added.outcome, "done");
    assert.deepEqual(await world.list("/opt"), ["a/", "a/a_2", "b/", "b/b_2", "c/", "c/c_2"]);
    await world.write("/etc/sysupdate.d/extra.feature.d/50-on.conf", "[Feature]\nEnabled=no\n");
    assert.equal((await world.update()).outcome, "nothing-to-do");
    const report = await vacuumMachine(world.session());
    assert.deepEqual([report.disabledInstances, report.removed], [2, []]);
    assert.deepEqual(
      (await world.list("/opt")).filter((name) => !name.endsWith("/")),
      ["a/a_2"],
    );
    assert.equal((await world.update()).outcome, "nothing-to-do");
    const [line] = (await listReport(world.session())).versions;
    assert.deepEqual([line?.version, line?.lacks], ["2", []]);
  });
});

test("components are apart from the host and from one another", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", data("a"));
    await world.write("/usr/lib/sysupdate.tool.d/b.transfer", data("b"));
    await world.write("/etc/sysupdate.game.d/c.transfer", data("c"));
    await world.publish({ a_1: "1", b_7: "7", c_9: "9" });
    const { host, components } = await readComponents(world.session());
    assert.deepEqual([host, components.map(({ id }) => id)], [true, ["game", "tool"]]);
    assert.equal((await world.update({}, { component: "tool" })).to, "7");
    assert.equal((await world.update({}, { component: "game" })).to, "9");
    assert.deepEqual(
      (await world.list("/opt")).filter((name) => !name.endsWith("/")),
      ["b/b_7", "c/c_9"],
    );
    assert.equal((await world.update()).to, "1");
    const ran = await world.run("list", "--component=none");
    assert.equal(ran.code, 1, ran.stderr);
    const listed = await world.run("sysupdate", "components", "--json=short");
    assert.deepEqual(JSON.parse(listed.stdout), { default: true, components: ["game", "tool"] });
  });
});

test("--definitions reads one folder of the machine and no other", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", data("a"));
    await world.write("/srv/definitions/b.transfer", data("b"));
    await world.publish({ a_1: "1", b_1: "1" });
    const ran = await world.run("update", "--definitions=/srv/definitions");
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(await world.list("/opt"), ["b/", "b/b_1"]);
  });
});

test("ProtectVersion= and a pin keep what InstancesMax= would take", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", data("a", { InstancesMax: "2" }, { ProtectVersion: "1" }));
    for (const version of ["1", "2", "3", "4", "5"]) {
      await world.publish({ [`a_${version}`]: version });
      await world.update();
      if (version === "2") await pinVersion(world.session(), "2");
    }
    assert.deepEqual(await world.list("/opt/a"), ["a_1", "a_2", "a_4", "a_5"]);
    assert.deepEqual((await vacuumMachine(world.session())).removed, []);
  });
});

test("MinVersion= keeps older versions from being offered", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", data("a", {}, { MinVersion: "3" }));
    await world.publish({ a_1: "1", a_2: "2" });
    assert.equal((await world.update()).outcome, "nothing-to-do");
    await assert.rejects(world.update({ version: "2" }), { code: "unknown-version" });
    await world.publish({ a_3: "3" });
    assert.equal((await world.update()).to, "3");
  });
});

test("leftovers of systemd-sysupdate and of our own go, but RemoveTemporary=no keeps systemd's", async () => {
  await withWorld(async (world) => {
    const leftovers = [
      ".sysupdate.partial.a_1",
      ".sysupdate.pending.a_2",
      ".#sysupdatea_10123456789abcdef",
      ".holdfast-0123456789abcdef",
    ];
    const litter = async (): Promise<void> => {
      for (const name of leftovers) await world.write(`/opt/a/${name}`, "half");
      await world.write("/opt/a/.sysupdate.partial.tree/inside", "half");
      await world.write("/opt/a/mine", "mine");
    };
    await litter();
    await world.define("a.transfer", data("a", { RemoveTemporary: "no" }));
    await world.publish({ a_3: "3" });
    await world.update();
    await vacuumMachine(world.session());
    assert.deepEqual(await world.list("/opt/a"), [
      ".#sysupdatea_10123456789abcdef",
      ".sysupdate.partial.a_1",
      ".sysupdate.partial.tree/",
      ".sysupdate.partial.tree/inside",
      ".sysupdate.pending.a_2",
      "a_3",
      "mine",
    ]);
    await litter();
    await world.define("a.transfer", data("a"));
    assert.equal((await vacuumMachine(world.session())).sweptLeftovers, 5);
    assert.deepEqual(await world.list("/opt/a"), ["a_3", "mine"]);
    await litter();
    await world.publish({ a_4: "4" });
    await world.update();
    assert.deepEqual(await world.list("/opt/a"), ["a_3", "a_4", "mine"]);
  });
});

test("an addon comes in place when its feature is switched on, and the entry is not touched", async () => {
  await withWorld(async (world) => {
    const addon = transfer(
      { Type: "url-file", Path: world.url, MatchPattern: "addon_@v.efi" },
      {
        Type: "regular-file",
        Path: "/EFI/Linux",
        PathRelativeTo: "boot",
        MatchPattern: "os_@v.efi.extra.d/extra.addon.efi",
      },
      { Features: "extra" },
    );
    await world.define("50-addon.transfer", addon);
    await world.define("90-uki.transfer", ukiTransfer(world));
    await world.define("extra.feature", "[Feature]\nEnabled=no\n");
    await world.publish({ "os_1.efi": uki("1"), "addon_1.efi": noise("addon", 700) });
    await world.update();
    const { rename, stat } = await import("node:fs/promises");
    await rename(world.host("/efi/EFI/Linux/os_1+3-0.efi"), world.host(entryOf("1")));
    await world.running("1");
    assert.equal((await world.update()).outcome, "nothing-to-do");
    const before = await stat(world.host(entryOf("1")), { bigint: true });
    await world.write("/etc/sysupdate.d/extra.feature.d/on.conf", "[Feature]\nEnabled=yes\n");
    const report = await world.update();
    assert.deepEqual(
      report.steps.map(({ title }) => title),
      [
        "Copy addon_1.efi",
        "Install /efi/EFI/Linux/os_1.efi.extra.d/extra.addon.efi",
        "Audit: does version 1 boot next, and is it whole?",
      ],
    );
    const after = await stat(world.host(entryOf("1")), { bigint: true });
    assert.deepEqual([after.ino, after.mtimeNs, after.ctimeNs], [before.ino, before.mtimeNs, before.ctimeNs]);
    assert.ok((await world.read("/efi/EFI/Linux/os_1.efi.extra.d/extra.addon.efi")).equals(noise("addon", 700)));
    await world.write("/etc/sysupdate.d/extra.feature.d/on.conf", "[Feature]\nEnabled=no\n");
    assert.equal((await vacuumMachine(world.session())).disabledInstances, 1);
    assert.deepEqual(await world.list("/efi/EFI/Linux"), ["os_1.efi"]);
    assert.equal((await world.update()).outcome, "nothing-to-do");
  });
});
