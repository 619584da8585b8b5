import assert from "node:assert/strict";
import { test } from "node:test";
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
