import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiskFile } from "../port/disk.ts";
import { Content } from "../sim/disk/content.ts";
import {
  bytesAt,
  folder,
  publisherOn,
  publisherWorld,
  releaseIn,
  settings,
} from "../sim/publisher/sample-publisher.ts";
import { addRelease } from "./add.ts";
import { commitStaged } from "./commit.ts";
import { initRepository } from "./init.ts";

test("where packs have their chunks is taken from what was published, not from what became of it", async () => {
  for (const name of ["chunks/os_1.erofs.map", "chunks/os_1.erofs.caibx"]) {
    const world = publisherWorld();
    await initRepository(publisherOn(world), settings);
    await addRelease(publisherOn(world), releaseIn(world, "1"));
    await commitStaged(publisherOn(world), false);
    const bytes = bytesAt(world, name) ?? new Uint8Array();
    world.tree.plant(`${folder}/${name}`, Content.of(bytes.with(bytes.length - 1, 1)));
    await assert.rejects(addRelease(publisherOn(world), releaseIn(world, "2")), { code: "chunk-index-missing" }, name);
    world.tree.plant(`${folder}/${name}`, Content.of(bytes));
    await addRelease(publisherOn(world), releaseIn(world, "2"));
  }
});

test("packs are closed where cutting fails", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  const publisher = publisherOn(world, [
    { name: "write", subject: `${folder}/.holdfast/staging/1/files/chunks/1-*`, code: "no-space" },
  ]);
  const { disk } = publisher.machine;
  const open: string[] = [];
  const counting: typeof disk.open = async (path, mode) => {
    const file: DiskFile = await disk.open(path, mode);
    const close = file[Symbol.asyncDispose].bind(file);
    open.push(path);
    return Object.assign(file, {
      [Symbol.asyncDispose]: async () => {
        open.splice(open.indexOf(path), 1);
        await close();
      },
    });
  };
  const seen = new Proxy(disk, {
    get: (target, name) => (name === "open" ? counting : Reflect.get(target, name).bind(target)),
  });
  const request = releaseIn(world, "1");
  const machine = { ...publisher.machine, disk: seen };
  await assert.rejects(addRelease({ ...publisher, machine }, request), { code: "no-space" });
  assert.deepEqual(open, []);
});
