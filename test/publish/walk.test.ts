// A publisher's walk with bin/holdfast, and a machine that updates from what it serves.
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type {
  RepoAddReport,
  RepoDiffReport,
  RepoPruneReport,
  RepoVerifyReport,
} from "../../src/wire/repository-reports.ts";
import { type LabMachine, makeMachine } from "../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { type Ended, holdfast, json, reason, startHoldfast } from "../e2e/run.ts";
import { Place, whyNoReleases } from "./releases.ts";

const missing = await whyNoReleases();

async function expect(code: number, args: readonly string[]): Promise<Ended> {
  const ended = await holdfast(args);
  assert.equal(ended.code, code, `holdfast ${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
  return ended;
}

/** `repo serve` at a free port, ended by Ctrl-C when it is disposed of; `log` has its lines but the first. */
async function serve(
  folder: string,
): Promise<AsyncDisposable & { readonly url: string; readonly log: readonly unknown[] }> {
  const { child, ended } = startHoldfast(["repo", "serve", folder, "--port=0", "--json"]);
  assert.ok(child.stdout !== null);
  const log: unknown[] = [];
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, "line")) as [string];
  lines.on("line", (line) => log.push(JSON.parse(line)));
  return {
    url: (JSON.parse(first) as { readonly url: string }).url,
    log,
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      assert.equal((await ended).code, 0);
    },
  };
}

const add = (place: Place, release: LabRelease, ...more: readonly string[]): readonly string[] => [
  "repo",
  "add",
  place.repository,
  `--version=${release.version}`,
  ...release.files.map(({ path }) => path),
  ...more,
];

async function installed(machine: LabMachine): Promise<readonly string[]> {
  return [...(await readdir(machine.system)), ...(await readdir(machine.entries))].toSorted();
}

test("init, add, commit, update, withdraw, prune", { skip: missing ?? false }, async () => {
  await using place = await Place.create();
  const { repository } = place;
  const [one, two, three] = [await place.release("1"), await place.release("2"), await place.release("3")];
  assert.match(
    (await expect(0, ["repo", "init", repository, "--key", place.keyFile])).stdout,
    /^Made a repository in /,
  );
  await expect(0, add(place, one));
  await expect(0, ["repo", "commit", repository]);

  await using server = await serve(repository);
  const options = { source: server.url, keyring: place.key.publicKeyring, installed: [one] };
  const machine = await makeMachine(join(place.folder, "machine"), options);
  const root = ["--root", machine.root];
  await expect(3, ["check", ...root]);

  // Staged is not published.
  const added = json(await expect(0, add(place, two, "--definitions", machine.definitions, "--json"))) as RepoAddReport;
  assert.deepEqual(
    added.resources.map(({ name, role }) => [name, role]),
    [
      ["os_2.erofs", "image"],
      ["os_2.efi", "entry"],
    ],
  );
  assert.ok((added.resources[0]?.chunks ?? 0) > 5);
  assert.ok(
    added.deltas.some(
      ({ resource, from, sizeBytes }) => resource === "os_2.erofs" && from === "1" && sizeBytes < 200_000,
    ),
  );
  await expect(3, ["check", ...root]);
  await expect(0, ["repo", "commit", repository]);
  await expect(0, ["check", ...root]);
  await expect(0, ["update", ...root]);
  assert.deepEqual(await installed(machine), ["os_1.efi", "os_1.erofs", "os_2+3-0.efi", "os_2.erofs"]);
  assert.ok(server.log.some((line) => (line as { readonly path: string }).path === "/holdfast.json"));

  const diff = json(await expect(0, ["repo", "diff", repository, "1", "2", "--json"])) as RepoDiffReport;
  assert.ok(diff.bestBytes < 200_000);
  assert.ok(diff.files.some(({ path }) => path === "share/changes"));

  // A release that is taken back is installed by nobody.
  await expect(0, add(place, three));
  await expect(0, ["repo", "commit", repository]);
  await expect(0, ["repo", "withdraw", repository, "3"]);
  await expect(3, ["check", ...root]);

  const pruned = json(
    await expect(0, ["repo", "prune", repository, "--keep=1", "--grace-days=0", "--json"]),
  ) as RepoPruneReport;
  assert.deepEqual([pruned.kept, pruned.dropped], [["2"], ["1"]]);
  const names = await readdir(repository);
  assert.deepEqual(names.filter((name) => name.startsWith("os_")).toSorted(), ["os_2.efi", "os_2.erofs"]);
  assert.deepEqual((json(await expect(0, ["repo", "verify", repository, "--json"])) as RepoVerifyReport).findings, []);
  assert.match(reason(await expect(4, ["repo", "prune", repository, "--keep=0"])), /no release would be left/);
  assert.match(reason(await expect(3, ["repo", "commit", repository])), /nothing is staged/);
});

test("what would not boot is refused, and a damaged repository is found", { skip: missing ?? false }, async () => {
  await using place = await Place.create();
  const { repository } = place;
  const [one, two] = [await place.release("1"), await place.release("2")];
  await expect(0, ["repo", "init", repository, "--key", place.keyFile, "--chunk-size=none", "--deltas=0"]);
  await expect(0, add(place, one));
  await expect(0, ["repo", "commit", repository]);
  const before = await readdir(repository);

  const [image, entry] = two.files;
  assert.ok(image !== undefined && entry !== undefined);
  const cases: readonly (readonly [() => Promise<void>, RegExp])[] = [
    [() => rm(entry.path), /there is no such file/],
    [() => cp(one.files[1]?.path ?? "", entry.path), /it says that it starts 1/],
    [() => truncate(image.path, 100_000), /its superblock tells of/],
    [() => writeFile(image.path, "no image"), /it has no erofs superblock/],
  ];
  for (const [damage, why] of cases) {
    const kept = join(place.folder, "kept");
    await cp(join(place.folder, "build-2"), kept, { recursive: true });
    await damage();
    const ended = await holdfast(add(place, two));
    assert.ok(ended.code === 4 || ended.code === 2, `${ended.code}\n${ended.stdout}${ended.stderr}`);
    assert.match(ended.stderr, why);
    await rm(join(place.folder, "build-2"), { recursive: true });
    await cp(kept, join(place.folder, "build-2"), { recursive: true });
    await rm(kept, { recursive: true });
  }
  assert.deepEqual(await readdir(repository), before);
  assert.match((await expect(4, add(place, one))).stderr, /Cannot add 1: 1 is published already\n/);

  await truncate(join(repository, "os_1.erofs"), 1000);
  const damaged = await expect(1, ["repo", "verify", repository]);
  assert.match(damaged.stdout, /^Damaged: .*\n.*\n✗ os_1\.erofs has 1000 bytes instead of /);
});
