// Nothing unproven is acted on (P9): signatures, keyrings, age of the list, local folders, and working offline.
import assert from "node:assert/strict";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { StatusReport } from "../../src/wire/reports.ts";
import { Repository } from "../../tools/lab/repository.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { createSigningKey, type SigningKey } from "../../tools/lab/signing.ts";
import { json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

const dayMs = 86_400_000;

let world: World;
let one: LabRelease;
let two: LabRelease;
let oldKey: SigningKey;
before(async () => {
  world = await World.create();
  [one, two] = await world.releases(["1", "2"]);
  oldKey = await createSigningKey({ createdAtMs: Date.now() - 30 * dayMs });
});
after(async () => world[Symbol.asyncDispose]());

async function refused(scene: Scene, code: number, says: RegExp, ...args: readonly string[]): Promise<void> {
  const ended = await scene.expect(code, ["update", ...args]);
  assert.match(reason(ended), says);
  await scene.assertBootable(["1"], two);
  assert.deepEqual((await scene.audit(two)).leftovers, []);
}

suite("A list is believed only with a signature", { concurrency: 2 }, () => {
  test("an unsigned one is refused", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await rm(join(scene.repository.folder, "SHA256SUMS.gpg"));
    await refused(scene, 1, /^Cannot trust http:\S+\/SHA256SUMS: it is not signed \(no SHA256SUMS\.gpg beside it\)$/);
  });

  test("one signed by a stranger is refused", async () => {
    const stranger = await createSigningKey();
    await using scene = await world.scene({
      offered: [one, two],
      installed: [one],
      keyring: stranger.publicKeyring,
    });
    await refused(scene, 1, /^Cannot trust http:\S+\/SHA256SUMS: its key is not in the keyring$/);
  });

  test("one signed by an expired key is refused", async () => {
    const createdAtMs = Date.now() - 10 * dayMs;
    const key = await createSigningKey({ createdAtMs, expiresAfterSeconds: 2 * 86_400 });
    await using scene = await world.scene({
      offered: [one, two],
      installed: [one],
      keyring: key.publicKeyring,
      repository: { key, signedAtMs: createdAtMs + dayMs },
    });
    await refused(scene, 1, /^Cannot trust http:\S+\/SHA256SUMS: its key has expired$/);
  });

  test("an armored signature under its own name is taken, and a keyring of several keys", async () => {
    const stranger = await createSigningKey();
    await using scene = await world.scene({
      offered: [one, two],
      installed: [one],
      keyring: Buffer.concat([stranger.publicKeyring, world.key.publicKeyring]),
      repository: { signature: "SHA256SUMS.asc" },
    });
    await scene.assertHeals(["1", "2"], two);
  });

  test("without a keyring, or with one that is none, nothing is believed", async () => {
    await using bare = await world.scene({ offered: [one, two], installed: [one], keyring: null });
    await refused(bare, 1, /^Cannot verify anything: there is no keyring at \/etc\/systemd\/import-pubring\.pgp or /);
    await writeFile(join(bare.machine.root, "usr/lib/keyring.pgp"), world.key.publicKeyring);
    await bare.expect(0, ["check"], { env: { SYSTEMD_OPENPGP_KEYRING: "/usr/lib/keyring.pgp" } });
    await using scene = await world.scene({ offered: [one, two], installed: [one], keyring: Buffer.from("keys?") });
    await refused(scene, 1, /^Cannot read the keyring: /);
  });
});

suite("A list that is too old", { concurrency: 2 }, () => {
  async function lastYear(signedAgoDays: number, bestBefore?: string): Promise<Scene> {
    return world.scene({
      offered: [one, two],
      installed: [one],
      keyring: oldKey.publicKeyring,
      repository: {
        key: oldKey,
        signedAtMs: Date.now() - signedAgoDays * dayMs,
        ...(bestBefore === undefined ? {} : { bestBefore }),
      },
    });
  }

  test("signed before the one accepted last is refused, and the same one is not", async () => {
    await using scene = await lastYear(1);
    await scene.expect(0, ["check"]);
    await scene.expect(0, ["check"]);
    await scene.repository.writeManifest({ signedAtMs: Date.now() - 2 * dayMs });
    await refused(
      scene,
      4,
      /^Cannot use http:\S+\/SHA256SUMS: it was signed on .+, before the one accepted here last /,
    );
    await scene.repository.writeManifest({ signedAtMs: Date.now() - dayMs / 2 });
    await scene.assertHeals(["1", "2"], two);
  });

  test("past its BEST-BEFORE is refused, unless freshness is switched off", async () => {
    await using scene = await lastYear(1, "2024-05-01");
    await refused(scene, 4, /^Cannot use http:\S+\/SHA256SUMS: it was good until 2024-05-01 only$/);
    await scene.expect(0, ["update"], { env: { SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS: "0" } });
    await scene.assertBootable(["1", "2"], two);
  });

  test("within its BEST-BEFORE is taken", async () => {
    await using scene = await lastYear(1, "2099-01-01");
    await scene.assertHeals(["1", "2"], two);
  });
});

suite("Local folders are verified like servers", { concurrency: 2 }, () => {
  /** The repository on a stick, and a server that has nothing. */
  async function withStick(verify?: boolean): Promise<Scene> {
    const scene = await world.scene({
      offered: [one, two],
      installed: [one],
      ...(verify === undefined ? {} : { verify }),
    });
    await cp(scene.repository.folder, join(scene.machine.root, "media/stick"), { recursive: true });
    scene.server.misbehave({ path: /./, status: 404 });
    return scene;
  }

  test("--from takes a folder with a signed list", async () => {
    await using scene = await withStick();
    await scene.expect(0, ["update", "--from=/media/stick"]);
    await scene.assertBootable(["1", "2"], two);
    assert.equal(scene.server.log.length, 0);
    const status = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.equal(status.versions.find(({ version }) => version === "2")?.trust, "proven");
  });

  test("--from refuses a folder without a list, with an unsigned one, and with a wrong byte", async () => {
    await using scene = await withStick();
    const stick = join(scene.machine.root, "media/stick");
    await mkdir(join(scene.machine.root, "media/bare"));
    await refused(scene, 1, /^Cannot use \/media\/bare: there is no SHA256SUMS in it$/, "--from=/media/bare");
    await writeFile(join(stick, "os_2.erofs"), Buffer.alloc(200_000, 7));
    await refused(
      scene,
      1,
      /^Cannot use os_2\.erofs: what \/media\/stick\/os_2\.erofs sent is not what /,
      "--from=/media/stick",
    );
    await rm(join(stick, "SHA256SUMS.gpg"));
    await refused(scene, 1, /^Cannot trust \/media\/stick\/SHA256SUMS: it is not signed /, "--from=/media/stick");
  });

  test("a folder without a list is taken with Verify=no, and shows as unproven", async () => {
    await using scene = await withStick(false);
    await rm(join(scene.machine.root, "media/stick/SHA256SUMS"));
    const ended = await scene.expect(0, ["update", "--from=/media/stick"]);
    assert.match(ended.stdout, /os_2\.erofs is not verified \(Verify=no\)/);
    await scene.assertBootable(["1", "2"], two);
    const status = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.equal(status.versions.find(({ version }) => version === "2")?.trust, "unproven");
  });

  test("a definition may name a folder of the machine", async () => {
    const machineSource = "/srv/repository";
    await using scene = await world.scene({ installed: [one], source: machineSource });
    const local = await Repository.create(join(scene.machine.root, machineSource), { key: world.key });
    await local.publish(one, two);
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["1", "2"], two);
    assert.equal(scene.server.log.length, 0);
  });
});

suite("Working offline", { concurrency: 2 }, () => {
  test("installs what was acquired before, without a word to the server", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    const ended = await scene.expect(0, ["sysupdate", "acquire"]);
    assert.match(ended.stderr, /Acquired update '2'\./);
    await scene.assertBootable(["1"], two);
    const asked = scene.server.log.length;
    scene.server.misbehave({ path: /./, refuse: true });
    await scene.expect(0, ["update", "--offline"]);
    await scene.assertBootable(["1", "2"], two);
    assert.equal(scene.server.log.length, asked);
  });

  test("says what it lacks when nothing was acquired", async () => {
    await using scene = await world.scene({ offered: [one, two], installed: [one] });
    await refused(scene, 1, /^Cannot work offline: nothing was ever taken from http:/, "--offline");
    await scene.expect(0, ["check"]);
    const ended = await scene.run(["update", "--offline"]);
    assert.equal(ended.code, 1, ended.stdout + ended.stderr);
    assert.match(reason(ended), /^Cannot /);
    await scene.assertBootable(["1"], two);
    await scene.assertHeals(["1", "2"], two);
  });
});
