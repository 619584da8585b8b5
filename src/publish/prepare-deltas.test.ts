import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import {
  contentsOf,
  indexIn,
  publisherOn,
  publisherWorld,
  releaseIn,
  settings,
} from "../sim/publisher/sample-publisher.ts";
import { Content } from "../sim/disk/content.ts";
import type { SimWorld } from "../sim/machine.ts";
import type { ProgressEvent } from "../port/progress.ts";
import { parseVersion } from "../base/ids.ts";
import type { makeDelta } from "../delta/make-delta.ts";
import { addRelease } from "./add.ts";
import { commitStaged } from "./commit.ts";
import { diffReleases } from "./diff.ts";
import { digestOf } from "./files.ts";
import { initRepository } from "./init.ts";
import { makeDeltas } from "./prepare-deltas.ts";
import type { Publisher } from "./publisher.ts";
import { stagedPath } from "./staging.ts";
import { Steps } from "./steps.ts";

const imageBytes = 100_000;

async function published(...versions: readonly string[]): Promise<SimWorld> {
  const world = publisherWorld();
  await initRepository(publisherOn(world), { ...settings, deltas: 0 });
  for (const version of versions) {
    await addRelease(publisherOn(world), releaseIn(world, version, contentsOf(version, imageBytes)));
    await commitStaged(publisherOn(world), false);
  }
  return world;
}

/** With the notes that it reports. */
function noting(world: SimWorld): { readonly publisher: Publisher; readonly notes: string[] } {
  const publisher = publisherOn(world);
  const notes: string[] = [];
  const report = (event: ProgressEvent): void => void (event.kind === "note" && notes.push(event.text));
  return { publisher: { ...publisher, machine: { ...publisher.machine, progress: { report } } }, notes };
}

const tooLarge = async (): Promise<never> => {
  throw new Fault("delta-too-large", "Cannot make a delta: its recipe passes what clients accept");
};
const said = ["No delta of os_2.erofs from os_1.erofs: its recipe passes what clients accept"];

test("a delta that no client would take is left away, and the release goes on without", async () => {
  const world = await published("1");
  const { publisher, notes } = noting(world);
  const version = parseVersion("2");
  const image = contentsOf("2", imageBytes)["os_2.erofs"] ?? new Uint8Array();
  world.tree.plant(stagedPath(publisher, version, "os_2.erofs"), Content.of(image));
  const content = await digestOf(
    publisher.machine.digest,
    (async function* () {
      yield image;
    })(),
  );
  const job = {
    version,
    index: indexIn(world),
    resources: [{ name: "os_2.erofs", ...content, role: "image", content, chunks: undefined } as const],
    steps: new Steps(publisher.machine.progress, 1),
  };
  const path = stagedPath(publisher, version, "deltas/os_2.erofs-from-os_1.erofs.delta");
  const halfway: typeof makeDelta = async (request) => {
    await request.write(Uint8Array.of(1));
    await request.spool?.write(0, Uint8Array.of(1));
    return tooLarge();
  };
  assert.deepEqual(await makeDeltas(publisher, settings, job, halfway), []);
  assert.deepEqual([notes, world.tree.peek(path)], [said, undefined]);
  assert.equal((await makeDeltas(publisher, settings, job)).length, 1);
  const staged = await publisher.machine.disk.list(path.slice(0, path.lastIndexOf("/")));
  assert.deepEqual(
    staged.map(({ name }) => name),
    ["os_2.erofs-from-os_1.erofs.delta"],
  );
});

test("releases are compared though no delta is made between them", async () => {
  const { publisher, notes } = noting(await published("1", "2"));
  const { resources } = await diffReleases(publisher, "1", "2", tooLarge);
  assert.deepEqual(
    resources.map(({ name, delta }) => [name, delta]),
    [
      ["os_2.erofs", undefined],
      ["os_2.efi", undefined],
    ],
  );
  assert.ok(notes.includes(said[0] ?? ""));
});
