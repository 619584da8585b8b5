// Acquired first and installed later without any source, for every kind of target; and the same bytes wanted twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import { compress, tarOf } from "./archives.ts";
import { makeDisk, mebi, partialOfRoot, pendingOfRoot, Unavailable } from "./disks.ts";
import { noise, transfer, World } from "./world.ts";

/** As file system images end: in zeros, which a crash may have left there just as well. */
const padded = Buffer.concat([noise("image", 2 * mebi), Buffer.alloc(mebi)]);

const files = {
  "file.transfer": (url: string): string =>
    transfer(
      { Type: "url-file", Path: url, MatchPattern: "file_@v" },
      { Type: "regular-file", Path: "/opt", MatchPattern: "file_@v" },
    ),
  "packed.transfer": (url: string): string =>
    transfer(
      { Type: "url-file", Path: url, MatchPattern: "packed_@v.zst" },
      { Type: "regular-file", Path: "/opt", MatchPattern: "packed_@v" },
    ),
  "tree.transfer": (url: string): string =>
    transfer(
      { Type: "url-tar", Path: url, MatchPattern: "tree_@v.tar.gz" },
      { Type: "directory", Path: "/opt", MatchPattern: "tree_@v" },
    ),
};

test("what was acquired is installed without the source: files, archives, images that end in zeros", async () => {
  await using world = await World.make();
  await using server = await FaultServer.start(world.repository);
  for (const [name, text] of Object.entries(files)) await world.define(name, text(server.url));
  await world.publish({
    file_1: padded,
    "packed_1.zst": await compress("zstd", padded),
    "tree_1.tar.gz": await compress("gzip", await tarOf([{ name: "inside", content: padded }])),
  });
  const acquired = await world.run("sysupdate", "acquire");
  assert.equal(acquired.code, 0, acquired.stderr);
  assert.deepEqual(
    (await world.list("/opt")).filter((name) => !name.startsWith(".")),
    [],
  );
  const sent = server.bytesSent();
  server.misbehave({ path: /./, refuse: true });
  const ran = await world.run("sysupdate", "update", "--offline");
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(server.bytesSent(), sent);
  assert.deepEqual(await world.list("/opt"), ["file_1", "packed_1", "tree_1/", "tree_1/inside"]);
  for (const name of ["file_1", "packed_1", "tree_1/inside"])
    assert.ok((await world.read(`/opt/${name}`)).equals(padded), name);
});

test("a partition that was filled first is installed without the source", async (context) => {
  await using world = await World.make();
  await using server = await FaultServer.start(world.repository);
  try {
    const disk = await makeDisk(world, [{ label: "_empty" }, { label: "_empty" }]);
    await world.define(
      "root.transfer",
      transfer(
        { Type: "url-file", Path: server.url, MatchPattern: "os_@v.img" },
        { Type: "partition", Path: disk.device, MatchPattern: "os_@v", MatchPartitionType: "root-x86-64" },
      ),
    );
    await world.publish({ "os_1.img": padded });
    const acquired = await world.update({ acquireOnly: true });
    assert.equal(acquired.outcome, "acquired");
    const [slot] = (await disk.table()).partitions;
    assert.equal(slot?.label, "os_1");
    assert.ok([partialOfRoot, pendingOfRoot].includes(slot.type), slot.type);
    const sent = server.bytesSent();
    server.misbehave({ path: /./, refuse: true });
    const done = await world.update({}, { offline: true });
    assert.equal(done.outcome, "done");
    assert.equal(server.bytesSent(), sent);
    assert.ok((await disk.bytes(1, padded.length)).equals(padded));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    context.skip(error.message);
  }
});

test("two resources with the same bytes are both installed, into one folder too", async () => {
  await using world = await World.make();
  const archive = await tarOf([{ name: "inside", content: "same" }]);
  const pairs = { a: noise("same", 50_000), b: noise("same", 50_000), c: "", d: "" };
  for (const name of Object.keys(pairs)) {
    await world.define(
      `${name}.transfer`,
      transfer(
        { Type: "url-file", Path: world.url, MatchPattern: `${name}_@v` },
        { Type: "regular-file", Path: "/opt", MatchPattern: `${name}_@v` },
      ),
    );
  }
  for (const name of ["x", "y"]) {
    await world.define(
      `${name}.transfer`,
      transfer(
        { Type: "url-tar", Path: world.url, MatchPattern: `${name}_@v.tar` },
        { Type: "directory", Path: "/opt", MatchPattern: `${name}_@v` },
      ),
    );
  }
  await world.publish({
    ...Object.fromEntries(Object.entries(pairs).map(([name, bytes]) => [`${name}_1`, bytes])),
    "x_1.tar": archive,
    "y_1.tar": archive,
  });
  assert.equal((await world.update()).outcome, "done");
  assert.deepEqual(await world.list("/opt"), ["a_1", "b_1", "c_1", "d_1", "x_1/", "x_1/inside", "y_1/", "y_1/inside"]);
  assert.ok((await world.read("/opt/b_1")).equals(noise("same", 50_000)));
  assert.equal((await world.update()).outcome, "nothing-to-do");
});

test("the same bytes packed and plain are both installed", async () => {
  await using world = await World.make();
  const packed = await compress("gzip", padded);
  for (const [name, pattern] of [
    ["a", "file_@v.gz"],
    ["b", "file_@v"],
  ] as const) {
    await world.define(
      `${name}.transfer`,
      transfer(
        { Type: "url-file", Path: world.url, MatchPattern: pattern },
        { Type: "regular-file", Path: "/opt", MatchPattern: `${name}_@v` },
      ),
    );
  }
  await world.publish({ "file_1.gz": packed, file_1: padded });
  assert.equal((await world.update()).outcome, "done");
  assert.deepEqual(await world.list("/opt"), ["a_1", "b_1"]);
});
