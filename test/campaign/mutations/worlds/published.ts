// What a repository holds besides the ordinary: names that say a wrong size, servers that tell none, versions that were
// passed over and come once more; what no definition owns any more beside what another one owns (P6, P7, P9).
import { simCompress } from "../../../../src/sim/decoder/sim-decoder.ts";
import { simDigest } from "../../../../src/sim/digest/sim-digest.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import { SimServer } from "../../../../src/sim/http/sim-server.ts";
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { rollbackTo, update, updateTo } from "../../../../src/sim/scenario/commands.ts";
import { booted, did, type Listed, listed, sampleOf } from "../../../../src/sim/scenario/listed.ts";
import type { Step } from "../../../../src/sim/scenario/promised.ts";
import { define, redefine, undefine } from "../../../../src/sim/scenario/sample-definitions.ts";
import { entryPath, imagePath } from "../../../../src/sim/scenario/sample-machine.ts";
import { imageOf, ukiOf } from "../../../../src/sim/scenario/sample-parts.ts";
import { key, origin } from "../../../../src/sim/scenario/sample-repository.ts";
import { simSign } from "../../../../src/sim/verifier/sim-verifier.ts";
import { refused } from "./meddle.ts";
import { cleanup, hiddenName, sha256Of, toTwo } from "./usual.ts";
import { asking } from "./watch.ts";

/** A server that has these files, with a signed list of their checksums. */
function serverOf(files: readonly (readonly [name: string, content: Content])[]): SimServer {
  const server = new SimServer(origin);
  for (const [name, content] of files) server.put(`/os/${name}`, content);
  const list = new TextEncoder().encode(files.map(([name, content]) => `${sha256Of(content)}  ${name}\n`).join(""));
  server.put("/os/SHA256SUMS", list);
  server.put("/os/SHA256SUMS.gpg", simSign(simDigest, key, list, Date.UTC(2026, 1, 20)));
  return server;
}

const packed = Content.of(simCompress("zst", imageOf("2", 0).bytes()));
/** The name of the packed image says how much comes out of it. */
const saying =
  (sizeBytes: number): Step =>
  ({ world }) =>
    world.serve([
      serverOf([
        [`os_2_${sizeBytes}.img.zst`, packed],
        ["os_2.efi", ukiOf("2", 0)],
      ]),
    ]);
const sizeInName: Step = ({ world }) =>
  redefine(world, "10-root", (text) => text.replace("MatchPattern=os_@v.img", "MatchPattern=os_@v_@s.img.zst"));

/** More than all of it was kept, in days when the server told no sizes, and tells none now. */
const longer: Step = ({ world }) => {
  const image = imageOf("2", 0);
  const content = image.with(image.sizeBytes, Content.pattern(88, 9_000));
  world.tree.plant(`/images/${hiddenName(image)}`, content);
};
const tellsNoSize: Step = ({ world }) =>
  world.servers[0]?.plan({ path: "/os/os_2.img", fault: { kind: "status", status: 500 } });
const withoutMode: Step = ({ world }) => redefine(world, "10-root", (text) => text.replace("Mode=0444\n", ""));

const goes =
  (version: string): Step =>
  ({ world: { tree } }) => {
    for (const name of tree.namesIn("/efi/EFI/Linux"))
      if (name.startsWith(`os_${version}`)) tree.uproot(entryPath(name));
    for (const path of [imagePath(version), `/var/lib/holdfast/versions/${version}.json`]) tree.uproot(path);
  };

const notPassedOver = async ({ tree }: SimWorld): Promise<readonly string[]> =>
  tree.peek("/var/lib/holdfast/quarantine/2.json") === undefined ? [] : ["version 2 is still passed over"];

/** Its names fit the pattern of the images as well. */
const extra = "/images/os_extra_1.img";
const extraTransfer =
  "[Source]\nType=url-file\nPath=http://updates.example/os\nMatchPattern=os_extra_@v.img\n" +
  "[Target]\nType=regular-file\nPath=/images\nMatchPattern=os_extra_@v.img\n";
const extraStays = async ({ tree }: SimWorld): Promise<readonly string[]> =>
  tree.peek(extra) === undefined ? ["what another definition owns is gone"] : [];
const imagesGo = async ({ tree }: SimWorld): Promise<readonly string[]> =>
  tree.namesIn("/images").length === 1 ? [] : ["left over: images that nothing owns"];

export const published: readonly Listed[] = [
  listed("the name of an image says a wrong size of what comes out", (seed) => ({
    ...toTwo(seed),
    before: [sizeInName, saying(20_001)],
    ...refused(update, "wrong-size"),
    outcomes: [{ next: "1", kept: ["1"], unfinished: true }],
  })),
  listed("the name of an image says the size of what comes out", (seed) => ({
    ...toTwo(seed),
    before: [sizeInName, saying(20_000)],
    work: update,
  })),
  listed("more than all of a download is kept, and the server tells no size", (seed) => ({
    ...toTwo(seed),
    before: [longer, tellsNoSize, withoutMode],
    work: update,
  })),
  asking(
    listed("update to v2, which was gone back from and is no longer installed", (seed) => ({
      ...toTwo(seed),
      before: [did(update), booted, did(rollbackTo("1")), booted, goes("2")],
      work: updateTo("2"),
      recover: updateTo("2"),
    })),
    { done: notPassedOver, lasting: notPassedOver },
  ),
  listed("update after v2 was gone back from, and is no longer installed", (seed) => ({
    ...toTwo(seed),
    before: [did(update), booted, did(rollbackTo("1")), booted, goes("2")],
    work: update,
    outcomes: [{ next: "1", kept: ["1"] }],
  })),
  listed("cleanup of images that boot entries need", (seed) => ({
    ...toTwo(seed),
    before: [did(update), booted, ({ world }): void => undefine(world, "10-root")],
    work: cleanup,
    recover: cleanup,
  })),
  asking(
    listed("cleanup beside what another definition owns", (seed) => ({
      sample: sampleOf(seed, "images", ["1"], ["1", "2"]),
      before: [
        did(update),
        ({ world }): void => undefine(world, "10-root"),
        ({ world }): void => define(world, "30-extra", extraTransfer),
        ({ world }): void => world.tree.plant(extra, Content.pattern(89, 5_000)),
      ],
      work: cleanup,
      recover: cleanup,
      outcomes: [{ kept: [] }],
      always: [],
      settles: false,
    })),
    { always: extraStays, done: imagesGo, spared: /./ },
  ),
];
