import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256, parseVersion } from "../../base/ids.ts";
import { Content } from "../../sim/disk/content.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { digestTree } from "../acquire/tree.ts";
import { observe } from "../observe/observe.ts";
import { install } from "./install.ts";

for (const path of ["/apps/app_2", "/apps/folder/app_2"]) {
  test(`a tree that was installed as ${path} has its name for good, and its hidden name no more`, async () => {
    const { world } = sampleMachine({ seed: 1, layout: "trees", installed: ["1"], offered: ["1", "2"] });
    const hidden = "/apps/.holdfast-0123456789abcdef";
    world.tree.plantFolder("/apps/folder");
    world.tree.plant(`${hidden}/bin/tool`, Content.text("the tool"));
    const { session } = sessionOn(world);
    const [transfer] = (await observe(session, { catalog: false })).situation.transfers;
    assert.ok(transfer !== undefined);
    const place = { kind: "tree", path, subvolume: false } as const;
    await install(session, {
      transfer,
      offer: {
        transfer: transfer.id,
        version: parseVersion("2"),
        name: "app_2.tar",
        location: "http://updates.example/os/app_2.tar",
        remote: true,
        sizeBytes: undefined,
        sha256: parseSha256("a".repeat(64)),
        evidence: "signed",
        fields: { version: parseVersion("2") },
        shape: { kind: "archive", compression: undefined },
      },
      destination: {
        transfer: transfer.id,
        role: "image",
        place,
        staging: { ...place, path: hidden },
        fileSystem: "/",
      },
      stagingPath: hidden,
      content: { kind: "tree", sha256: await digestTree(session, hidden) },
    });
    assert.deepEqual(undecided(world), []);
    assert.equal(world.tree.namesIn(`${path}/bin`).join(), "tool");
  });
}
