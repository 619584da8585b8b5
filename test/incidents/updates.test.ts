// Incidents of updates, on the real program with a real server: half-done versions, loops, lists and web pages.
import assert from "node:assert/strict";
import { copyFile, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import type { ListReport, StatusReport, UpdateReport } from "../../src/wire/reports.ts";
import { captivePortal, type Rule } from "../../tools/lab/fault-script.ts";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";
import { json, reason } from "../e2e/run.ts";
import { type Scene, type SceneOptions, World } from "../e2e/world.ts";
import { incident } from "./incident.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three] = await world.releases(["1", "2", "3"], { index: true });
});
after(async () => world[Symbol.asyncDispose]());

const runsOne = async (options: SceneOptions = {}): Promise<Scene> =>
  world.scene({ offered: [one, two], installed: [one], index: true, ...options });

async function status(scene: Scene): Promise<StatusReport> {
  return json(await scene.expect(0, ["status", "--json"])) as StatusReport;
}

/** The entry of an installed version gets this name. */
const nameEntry = async ({ machine }: Scene, version: string, name: string): Promise<void> =>
  rename(join(machine.entries, `os_${version}.efi`), join(machine.entries, name));

const orders = ["10-index 20-root 30-uki", "10-uki 20-index 30-root", "10-root 20-uki 30-index"];
for (const order of orders) {
  incident(
    "E1",
    async () => {
      await using scene = await runsOne();
      for (const name of await readdir(scene.machine.definitions)) {
        const kind = name.replace(/^\d+-|\.transfer$/g, "");
        const now = order.split(" ").find((item) => item.endsWith(`-${kind}`));
        await rename(join(scene.machine.definitions, name), join(scene.machine.definitions, `${now}.transfer`));
      }
      // Every transfer fails once, each after what comes before it has arrived.
      const arriving = { index: "/os_2.erofs.caibx", root: "/os_2.erofs", uki: "/os_2.efi" };
      const kinds = order.split(" ").map((item) => item.replace(/^\d+-/, "") as keyof typeof arriving);
      const entryLast = [...kinds.filter((kind) => kind !== "uki"), "uki" as const];
      for (const path of entryLast.map((kind) => arriving[kind])) {
        const cut: Rule = { path, cutAfterBytes: 700, times: 1 };
        scene.server.misbehave(cut, { path, from: 2, status: 404 });
        await scene.expect(1, ["update"]);
        await scene.assertBootable(["1"], two);
        assert.equal((await status(scene)).bootsNext, "1");
        scene.server.heal();
      }
      await scene.assertHeals(["1", "2"], two);
    },
    { side: `in the order ${order}` },
  );
}

incident("E2", async () => {
  await using scene = await runsOne();
  scene.server.misbehave({ path: "/os_2.erofs", stallAfterBytes: 0 });
  const running = scene.start(["update"]);
  // The server falls silent before the first byte.
  for await (const text of running.child.stderr ?? []) if (String(text).includes("Download os_2.erofs (")) break;
  running.child.kill("SIGKILL");
  await running.ended;
  scene.server.heal();
  const listed = json(await scene.expect(0, ["list", "--json"])) as ListReport;
  assert.deepEqual(
    listed.versions.filter(({ complete }) => complete).map(({ version }) => version),
    ["1"],
  );
  await scene.assertHeals(["1", "2"], two);
});

incident("E4", async () => {
  const loaderConf = "timeout 5\ndefault os_1*.efi\n";
  await using scene = await world.scene({ offered: [one, two], installed: [one], index: true, loaderConf });
  const done = await scene.expect(7, ["update", "--json"]);
  const { findings, bootsNext } = json(done) as UpdateReport;
  assert.equal(bootsNext, "1");
  assert.ok(findings.some(({ code }) => code === "not-next" || code === "override-in-force"));
  await rm(join(scene.machine.system, "os_1.erofs"));
  const bad = (await status(scene)).findings.map(({ code }) => code);
  assert.ok(bad.includes("default-pins-bad-entry"), bad.join());
});

incident("E7", async () => {
  await using scene = await runsOne();
  await scene.expect(0, ["update"]);
  await scene.expect(0, ["rollback", "1"]);
  for (const run of [1, 2]) {
    const { outcome, because, notices } = json(await scene.expect(3, ["update", "--json"])) as UpdateReport;
    assert.equal(outcome, "nothing-to-do", `run ${run}`);
    assert.equal(because, "version 1 is the newest that can be taken and is running");
    assert.match(notices.join(), /^Version 2 is passed over: /);
    assert.equal((await status(scene)).bootsNext, "1");
  }
  await scene.repository.publish(three);
  await scene.expect(0, ["update"]);
  assert.equal((await status(scene)).bootsNext, "3");
});

incident("E18", async () => {
  await using scene = await world.scene({ offered: [one, two], installed: [one, two], index: true, running: "1" });
  await nameEntry(scene, "2", "os_2+0-3.efi");
  const before = scene.server.bytesSent("/os_2.erofs");
  // Nothing tells against it: power cuts look like this, too. So it has its tries once more, without a download; that a
  // second time ends in quarantine is seen where boots are remembered, in src/agent/boot/boots.test.ts.
  await scene.expect(0, ["update"]);
  for (const run of [1, 2]) {
    await scene.expect(0, ["update"]);
    const entries = (await readdir(scene.machine.entries)).toSorted();
    assert.deepEqual(entries, ["os_1.efi", "os_2+3-1.efi"], `run ${run}`);
  }
  assert.equal(scene.server.bytesSent("/os_2.erofs"), before);
});

incident("E22", async () => {
  await using scene = await runsOne();
  await scene.expect(0, ["update"]);
  // The list that names 2 is the newest that was ever accepted; 1 is in an older one only.
  const back = await scene.expect(0, ["rollback", "1"]);
  assert.doesNotMatch(back.stderr, /Cannot/);
  assert.equal((await status(scene)).bootsNext, "1");
  await scene.assertBootable(["1", "2"], two);
});

incident("E28", async () => {
  await using scene = await runsOne();
  await scene.expect(0, ["update"]);
  const folder = join(scene.machine.root, "var/lib/holdfast/versions");
  const path = join(folder, "2.json");
  const record = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...record, fromTheFuture: { kept: true } }));
  await scene.expect(0, ["rollback", "1"]);
  await scene.expect(0, ["doctor", "--deep"]);
  await scene.expect(0, ["update", "2"]);
  const later = JSON.parse(await readFile(path, "utf8")) as { fromTheFuture?: unknown };
  assert.deepEqual(later.fromTheFuture, { kept: true });
});

incident("E31", async () => {
  await using scene = await runsOne();
  const names = await readdir(scene.machine.definitions);
  const masked = names.filter((name) => !name.includes("uki"));
  for (const name of masked)
    await rename(
      join(scene.machine.definitions, name),
      join(scene.machine.definitions, name.replace(".transfer", ".conf")),
    );
  const linted = await scene.run(["lint"]);
  for (const name of masked) assert.ok(linted.stdout.includes(name.replace(".transfer", ".conf")), linted.stdout);
  const ended = await scene.expect(4, ["update"]);
  assert.match(
    reason(ended),
    /^Cannot update: .*10-index\.conf, .*20-root\.conf are not read because of the \.transfer files/,
  );
  await scene.assertBootable(["1"], two);
});

incident("E32", async () => {
  const plain = await world.release("2");
  await using scene = await world.scene({ offered: [one, plain], installed: [one], index: true });
  const ended = await scene.run(["update"]);
  assert.equal(ended.code, 3);
  assert.match(ended.stdout, /Version 2 is passed over: nothing of it is offered for 10-index\./);
  await rm(join(scene.machine.definitions, "10-index.transfer"));
  await scene.expect(0, ["update"]);
  assert.equal((await status(scene)).bootsNext, "2");
});

for (const [name, stale] of [
  ["the signature is the older one", "SHA256SUMS.gpg"],
  ["the list is the older one", "SHA256SUMS"],
] as const)
  incident(
    "E34",
    async () => {
      await using scene = await runsOne({ offered: [one] });
      const older = await readFile(join(scene.repository.folder, stale));
      await scene.repository.publish(two);
      scene.server.misbehave({ path: `/${stale}`, body: older });
      assert.match(reason(await scene.expect(1, ["update"])), /^Cannot /);
      await scene.assertBootable(["1"], two);
      scene.server.heal();
      await scene.assertHeals(["1", "2"], two);
    },
    { side: name },
  );

for (const path of ["/SHA256SUMS", "/SHA256SUMS.gpg", "/os_2.erofs", "/os_2.efi"])
  incident(
    "E36",
    async () => {
      await using scene = await runsOne();
      scene.server.misbehave({ path, ...captivePortal });
      assert.match(reason(await scene.expect(1, ["update"])), /web page|signature|Cannot/);
      await scene.assertBootable(["1"], two);
      scene.server.heal();
      await scene.assertHeals(["1", "2"], two);
    },
    { side: path },
  );

incident("E3", async () => {
  const four = await world.release("4", { index: true });
  await using scene = await world.scene({
    offered: [one, two, three, four],
    installed: [one, two, three],
    running: "2",
    index: true,
    instancesMax: 4,
  });
  for (const version of ["1", "2", "3"]) await nameEntry(scene, version, `os_${version}+0-3.efi`);
  await copyFile(fileOf(four, "entry").path, join(scene.machine.entries, "os_4+0-3.efi"));
  assert.equal((await status(scene)).bootsNext, "4");
  await scene.expect(0, ["doctor", "--repair"]);
  assert.equal((await status(scene)).bootsNext, "2");
  await scene.assertBootable(["1", "2", "3", "4"], four);
});
