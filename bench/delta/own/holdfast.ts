// Holdfast itself, whole: `holdfast repo` publishes, `holdfast update` brings a machine in a folder from one release to the
// next, with everything an update does: the way back is proven, what came is flushed, read back and audited.
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { machineAt, makeMachine } from "../../../tools/lab/machine-tree.ts";
import { describeFile, type LabRelease, publishedName } from "../../../tools/lab/release.ts";
import { createSigningKey, loadSigningKey } from "../../../tools/lab/signing.ts";
import { osRelease, seededBytes } from "../../../tools/lab/small-release.ts";
import { tinyUki } from "../../../tools/lab/tiny-uki.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { makeOwnCopy } from "../../own-copy.ts";
import { checkout, holdfast } from "../../stage.ts";
import { command, type Command, type Method, type Place } from "../method.ts";

const name = "os";

/** Where it keeps what is neither served nor the client's. */
const workshop = ({ served }: Place): string => join(dirname(served), "publisher");
const root = ({ client }: Place): string => join(client, "machine");
const entryPath = (place: Place, version: string): string =>
  join(workshop(place), publishedName(name, version, "entry"));
const imagePath = (place: Place, version: string): string =>
  join(workshop(place), publishedName(name, version, "image"));

function ours(id: string, title: string, deltas: number): Method {
  const repo = (place: Place, verb: string, ...args: readonly string[]): Command =>
    command(holdfast, "repo", verb, place.served, ...args);
  const release = (place: Place, version: string): readonly Command[] => [
    repo(
      place,
      "add",
      `--version=${version}`,
      "--without-initrd-parts",
      imagePath(place, version),
      entryPath(place, version),
    ),
    repo(place, "commit"),
  ];
  return {
    id,
    title,
    programs: [],
    payload: /\.(erofs|efi)$/,
    prepare,
    publishOlder: (place) => [
      repo(place, "init", `--key=${join(workshop(place), "key.pgp")}`, `--deltas=${deltas}`, "--no-store"),
      ...release(place, "1"),
    ],
    publishNewer: (place) => release(place, "2"),
    refresh,
    update: (place) => [
      {
        ...command(join(workshop(place), "copy/bin/holdfast"), "update", "--root", root(place), "--progress-fd", "3"),
        environment: { NODE_COMPILE_CACHE: join(checkout, ".cache/compiled") },
      },
    ],
    result: (place) => join(machineAt(root(place)).system, publishedName(name, "2", "image")),
  };
}

/** A key, boot entries that fit, the images under the names they are published by, and a Node that nothing else runs. */
async function prepare(place: Place): Promise<void> {
  await mkdir(workshop(place), { recursive: true });
  await (await createSigningKey()).save(join(workshop(place), "key.pgp"));
  await symlink(place.older, imagePath(place, "1"));
  await symlink(place.newer, imagePath(place, "2"));
  for (const version of ["1", "2"]) {
    const image = publishedName(name, version, "image");
    const uki = tinyUki({
      osRelease: osRelease(name, version),
      commandLine: `root=/dev/lab systemd.image=/system/${image} panic=1`,
      linux: seededBytes(new SeededRandom(Number(version)), 20_000),
    });
    await writeFile(entryPath(place, version), uki);
  }
  await makeOwnCopy(checkout, join(workshop(place), "copy"));
}

async function refresh(place: Place, url: string): Promise<void> {
  await rm(root(place), { recursive: true, force: true });
  const keyring = (await loadSigningKey(join(workshop(place), "key.pgp"))).publicKeyring;
  const files = [
    await describeFile("image", publishedName(name, "1", "image"), place.older),
    await describeFile("entry", publishedName(name, "1", "entry"), entryPath(place, "1")),
  ];
  const installed: LabRelease = { name, version: "1", files };
  await makeMachine(root(place), { source: `${url}/`, keyring, installed: [installed] });
}

export const ownDelta: Method = ours("holdfast-delta", "Holdfast, delta", 1);

export const ownChunks: Method = ours("holdfast-chunks", "Holdfast, chunks", 0);
