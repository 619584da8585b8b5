import assert from "node:assert/strict";
import { test } from "node:test";
import type { Content } from "../../sim/disk/content.ts";
import type { SimServer } from "../../sim/http/sim-server.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { update } from "../../sim/scenario/commands.ts";
import { imagePath, sampleMachine } from "../../sim/scenario/sample-machine.ts";

const folder = "/efi/EFI/Linux";
const spareBytes = 1024 * 1024;

function machine(offered: readonly string[] = ["1", "2"]): SimWorld {
  return sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered }).world;
}

function serverOf({ servers }: SimWorld): SimServer {
  const [server] = servers;
  assert.ok(server !== undefined);
  return server;
}

function entriesIn(world: SimWorld): readonly string[] {
  return world.tree.namesIn(folder).filter((name) => name.endsWith(".efi"));
}

/** Leaves `bytes` free on the root file system. */
function leave(world: SimWorld, bytes: number): void {
  const volume = world.tree.volume("/");
  volume.limitBytes(volume.usedBytes() + bytes);
}

/** An update whose line breaks for good after some bytes of the image. */
async function interrupted(world: SimWorld, version: string): Promise<void> {
  const server = serverOf(world);
  server.plan(
    { path: `/os/os_${version}.img`, fault: { kind: "cut", afterBytes: 9000 }, after: 1 },
    { path: `/os/os_${version}.img`, fault: { kind: "no-answer", code: "connection-lost" }, after: 2, times: 99 },
  );
  await assert.rejects(update(world.run().machine));
  server.heal();
  assert.equal(world.tree.namesIn("/images").filter((name) => name.startsWith(".holdfast-")).length, 1);
}

test("an interrupted download goes on although it holds the room that it needs", async () => {
  const world = machine();
  await interrupted(world, "2");
  // Less than what is still to come: only the room that is reserved for it is enough.
  leave(world, spareBytes + 8192);
  await update(world.run().machine);
  assert.deepEqual(entriesIn(world), ["os_1.efi", "os_2+3-0.efi"]);
});

test("an interrupted download of a version that is no longer the newest makes room for the next", async () => {
  const world = machine(["1", "2"]);
  await interrupted(world, "2");
  const newer = machine(["1", "2", "3"]);
  for (const name of ["SHA256SUMS", "SHA256SUMS.gpg", "os_3.img", "os_3.efi"]) {
    const reply = serverOf(newer).answer({ path: `/os/${name}`, method: "GET", offset: 0, etag: undefined });
    assert.ok(reply.kind === "answer");
    serverOf(world).put(`/os/${name}`, reply.body);
  }
  // The rest of the room goes to someone else.
  leave(world, spareBytes + 8192);
  await update(world.run().machine);
  assert.deepEqual(entriesIn(world), ["os_1.efi", "os_3+3-0.efi"]);
  assert.deepEqual(world.tree.namesIn("/images"), ["os_1.img", "os_3.img"]);
});

test("the KDE incident: an entry without its image is hidden even when the update fails, and comes back with it", async () => {
  const world = machine();
  const whole = machine();
  await update(whole.run().machine);
  world.tree.plant(`${folder}/os_2+3-0.efi`, whole.tree.peek(`${folder}/os_2+3-0.efi`) as Content);
  await interrupted(world, "2");
  assert.deepEqual(entriesIn(world), ["os_1.efi"]);
  await update(world.run().machine);
  assert.deepEqual(entriesIn(world), ["os_1.efi", "os_2+3-0.efi"]);
  assert.ok((world.tree.peek(imagePath("2"), "medium") as Content).equals(whole.tree.peek(imagePath("2")) as Content));
});

test("a second update changes nothing", async () => {
  const world = machine();
  await update(world.run().machine);
  const before = world.tree.rows().filter(([path]) => !path.startsWith("/var/lib/holdfast/"));
  await update(world.run().machine);
  assert.deepEqual(
    world.tree.rows().filter(([path]) => !path.startsWith("/var/lib/holdfast/")),
    before,
  );
});
