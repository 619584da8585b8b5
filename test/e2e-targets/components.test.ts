// Components without a boot entry: their CurrentSymlink= decides what is used, and is switched last.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readlink } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { rollbackMachine } from "../../src/agent/command/rollback.ts";
import { vacuumMachine } from "../../src/agent/command/vacuum.ts";
import { tarOf } from "./archives.ts";
import { tarTransfer } from "./parts.ts";
import { transfer, World } from "./world.ts";

const run = promisify(execFile);

async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  await using world = await World.make();
  await body(world);
}

for (const [what, path] of [
  ["absolute", "/opt/current"],
  ["relative", "current"],
] as const) {
  test(`a component is updated, rolled back and kept at three versions by an ${what} CurrentSymlink=`, async () => {
    await withWorld(async (world) => {
      const definition = tarTransfer(world, "", { CurrentSymlink: path });
      await world.write("/usr/lib/sysupdate.app.d/app.transfer", definition);
      const link = path.startsWith("/") ? path : `/opt/app/${path}`;
      const wanted = (version: string): string => (path.startsWith("/") ? `app/app_${version}` : `app_${version}`);
      const settings = { component: "app" };
      for (const version of ["1", "2", "3", "4"]) {
        await world.publish({ [`app_${version}.tar`]: await tarOf([{ name: "v", content: version }]) });
        const done = await world.update({}, settings);
        assert.deepEqual(
          [done.outcome, done.to, done.wayBack],
          ["done", version, version === "1" ? undefined : String(Number(version) - 1)],
        );
        assert.equal(done.because, `version ${version} is installed and proven`);
        assert.equal(await readlink(world.host(link)), wanted(version));
        const titles = done.steps.map(({ title }) => title);
        const [linked, installed] = [
          titles.findIndex((title) => title.startsWith("Point")),
          titles.findLastIndex((title) => title.startsWith("Install")),
        ];
        assert.ok(linked > installed && installed > 0, String(titles));
      }
      const versions = async (): Promise<readonly string[]> =>
        (await world.list("/opt/app")).filter((name) => /^app_\d\/$/.test(name));
      assert.deepEqual(await versions(), ["app_2/", "app_3/", "app_4/"]);
      const back = await rollbackMachine(world.session(settings), {});
      assert.deepEqual([back.from, back.to], ["4", "3"]);
      assert.equal(await readlink(world.host(link)), wanted("3"));
      const again = await world.update({}, settings);
      assert.equal(again.outcome, "nothing-to-do", again.because);
      assert.equal(await readlink(world.host(link)), wanted("3"));
      await vacuumMachine(world.session(settings));
      assert.deepEqual(await versions(), ["app_2/", "app_3/", "app_4/"]);
      const named = await world.run("rollback", "2", "--component=app");
      assert.equal(named.code, 0, named.stderr);
      assert.match(named.stdout, /^Version 2 is intact and in use instead of 3\.\n/);
      assert.equal(await readlink(world.host(link)), wanted("2"));
      const forward = await rollbackMachine(world.session(settings), { version: "4" });
      assert.equal(forward.to, "4");
      assert.equal(await readlink(world.host(link)), wanted("4"));
      await world.publish({ "app_5.tar": await tarOf([{ name: "v", content: "5" }]) });
      assert.equal((await world.update({}, settings)).to, "5");
      assert.deepEqual(await world.list("/var/lib/holdfast/versions"), []);
    });
  });
}

test("a component that nothing switches cannot be rolled back, and says why", async () => {
  await withWorld(async (world) => {
    await world.define("app.transfer", tarTransfer(world, ""));
    for (const version of ["1", "2"]) {
      await world.publish({ [`app_${version}.tar`]: await tarOf([{ name: "v", content: version }]) });
      await world.update();
    }
    await assert.rejects(rollbackMachine(world.session(), { version: "1" }), {
      code: "not-switchable",
      message: "Cannot switch to version 1: no boot entry and no CurrentSymlink= says which one is used",
    });
  });
});

test("two links of a component are both switched, though an earlier run had switched one", async () => {
  await withWorld(async (world) => {
    await world.define("a.transfer", tarTransfer(world, "", { CurrentSymlink: "current" }));
    await world.define(
      "b.transfer",
      transfer(
        { Type: "url-tar", Path: world.url, MatchPattern: "lib_@v.tar" },
        { Type: "directory", Path: "/opt/lib", MatchPattern: "lib_@v", CurrentSymlink: "current" },
      ),
    );
    for (const version of ["1", "2"]) {
      const archive = await tarOf([{ name: "v", content: version }]);
      await world.publish({ [`app_${version}.tar`]: archive, [`lib_${version}.tar`]: archive });
      await world.update();
    }
    await run("ln", ["-sfn", "lib_1", world.host("/opt/lib/current")]);
    await world.update();
    assert.equal(await readlink(world.host("/opt/lib/current")), "lib_2");
    assert.equal(await readlink(world.host("/opt/app/current")), "app_2");
  });
});

test("something else where the link is to be is left alone", async () => {
  await withWorld(async (world) => {
    await world.define("app.transfer", tarTransfer(world, "", { CurrentSymlink: "current" }));
    await world.write("/opt/app/current/mine", "mine");
    await world.publish({ "app_1.tar": await tarOf([{ name: "v", content: "1" }]) });
    await assert.rejects(world.update(), { code: "symlink-in-the-way" });
    assert.equal(String(await world.read("/opt/app/current/mine")), "mine");
  });
});
