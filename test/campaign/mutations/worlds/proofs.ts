// Worlds in which one look, flush or comparison of the executor shows that no plainer world can tell apart.
import type { Command } from "../../../../src/sim/scenario/commands.ts";
import { repair, update, updateTo } from "../../../../src/sim/scenario/commands.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import { SimDisk } from "../../../../src/sim/disk/sim-disk.ts";
import { simCompress } from "../../../../src/sim/decoder/sim-decoder.ts";
import { simDigest } from "../../../../src/sim/digest/sim-digest.ts";
import { SimServer } from "../../../../src/sim/http/sim-server.ts";
import { booted, did, type Listed, listed, sampleOf, two } from "../../../../src/sim/scenario/listed.ts";
import { define, fileTransfer, redefine, undefine } from "../../../../src/sim/scenario/sample-definitions.ts";
import {
  buildNamed,
  entryPath,
  imagePath,
  plantParts,
  plantTools,
  switchTools,
  type Sample,
} from "../../../../src/sim/scenario/sample-machine.ts";
import { disk, imageOf, toolsPath, ukiOf } from "../../../../src/sim/scenario/sample-parts.ts";
import { key, origin } from "../../../../src/sim/scenario/sample-repository.ts";
import { simSign } from "../../../../src/sim/verifier/sim-verifier.ts";
import { refused } from "./meddle.ts";
import { asking } from "./watch.ts";

const unproven = "way-back-unproven";
const espOpen = ["/var/lib/holdfast/esp-open.json"];

function serverWith(files: ReadonlyMap<string, Content>): SimServer {
  const server = new SimServer(origin);
  const lines = [...files].map(([name, content]) => {
    server.put(`/os/${name}`, content);
    const hasher = simDigest.sha256();
    hasher.update(content.bytes());
    return `${hasher.finish()}  ${name}\n`;
  });
  const manifest = new TextEncoder().encode(lines.join(""));
  server.put("/os/SHA256SUMS", manifest);
  server.put("/os/SHA256SUMS.gpg", simSign(simDigest, key, manifest, Date.UTC(2026, 1, 20)));
  return server;
}

/** The boot entry comes packed as well: what it was made from lies on the ESP until it is in place. */
const packedEntry = ({ world }: Sample): void => {
  const packed = Content.of(simCompress("xz", ukiOf("2", 0).bytes()));
  world.serve([
    serverWith(
      new Map([
        ["os_2.img", imageOf("2", 0)],
        ["os_2.efi.xz", packed],
      ]),
    ),
  ]);
  redefine(world, "20-uki", (text) => text.replace("MatchPattern=os_@v.efi\n", "MatchPattern=os_@v.efi.xz\n"));
};

/** Before the update is run again, the machine gets a definition of one more image, which only version 4 has. */
const updateWithTools: Command = async (machine) => {
  if (!(machine.disk instanceof SimDisk)) throw new Error("Assertion failed: the disk is a simulated one");
  machine.disk.tree.plant("/usr/lib/sysupdate.d/15-tools.transfer", fileTransfer("tools"));
  await update(machine);
};

/** Nobody switches the machine on in between: it could not come up anyway. */
function switchedOff({ name, make }: Listed): Listed {
  return {
    name,
    make: async (seed) => {
      const { boot: _, ...scenario } = await make(seed);
      return scenario;
    },
  };
}

const lettingGo: readonly Listed[] = [
  listed("v1 to v2, a packed entry", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [packedEntry],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("the entry of v3 comes in, and the definitions change before the update is run again", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3", "4"], { tools: "on", toolsIn: ["4"] }),
    before: [
      ({ world }): void => undefine(world, "15-tools"),
      did(updateTo("2")),
      booted,
      (sample): void => plantParts(sample.world, buildNamed(sample, "3")),
    ],
    work: updateTo("3"),
    recover: updateWithTools,
    outcomes: [
      { next: "3", kept: ["2", "3"] },
      { next: "4", kept: ["2", "4"] },
      { next: "4", kept: ["3", "4"] },
    ],
    always: [],
    // Where the check of the ESP cut the entry of version 3, which runs, what is there of it stays until it no longer runs.
    remains: [imagePath("3"), entryPath("os_3.efi"), "/var/lib/holdfast/versions/3.json"],
    settles: false,
  })),
];

/** It says that it could not repair everything; that it could would mean that it wrote where it runs. */
const unrepaired: Command = async (machine) => {
  let isLeft = false;
  try {
    await repair(machine);
  } catch (error) {
    isLeft = error instanceof Error && error.message.startsWith("it is left that");
    if (!isLeft) throw error;
  }
  if (!isLeft) throw new Error("P3: the partition that runs was written");
};

const gone: readonly Listed[] = [
  listed("repair of a version that lacks a part which today's definitions do not list", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], { tools: "on", toolsIn: ["1", "2"] }),
    before: [
      (sample): void => plantTools(sample, "1"),
      ({ world }): void => define(world, "15-tools", fileTransfer("tools")),
      did(update),
      booted,
      ({ world }): void => undefine(world, "15-tools"),
      ({ world }): void => world.tree.uproot(toolsPath("1")),
    ],
    work: repair,
    recover: repair,
    outcomes: [{ next: "2", kept: ["2"] }],
    always: ["2"],
    broken: ["1"],
  })),
  switchedOff(
    listed("a feature is switched on, and the version that boots next gets its image", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2"], { tools: "off", toolsIn: ["2"] }),
      before: [
        did(update),
        ({ world: { tree } }): void => tree.shift(entryPath("os_2+3-0.efi"), entryPath("os_2.efi")),
        ({ world }): void => switchTools(world, true),
      ],
      work: update,
      outcomes: two,
      always: ["1"],
      broken: ["2"],
    })),
  ),
  asking(
    listed("a part of the way back is gone that today's definitions do not list", (seed) => ({
      sample: sampleOf(seed, "images", ["1"], ["1", "2", "3"], { tools: "on", toolsIn: ["1", "2"] }),
      before: [
        (sample): void => plantTools(sample, "1"),
        ({ world }): void => define(world, "15-tools", fileTransfer("tools")),
        did(updateTo("2")),
        ({ world }): void => undefine(world, "15-tools"),
        ({ world }): void => world.tree.uproot(toolsPath("2")),
      ],
      ...refused(update, unproven),
      outcomes: [{ kept: ["1"] }],
      always: ["1"],
      broken: ["2"],
      settles: false,
    })),
    { spared: /_2\.img|version 2|2\.json|P5/ },
  ),
  switchedOff(
    asking(
      listed("v2 when the entry of what runs is cut, and nobody vouches for it", (seed) => ({
        sample: sampleOf(seed, "files", ["1"], ["2"]),
        before: [
          ({ world }): void =>
            world.tree.plant(entryPath("os_1.efi"), ukiOf("1", 0).slice(0, ukiOf("1", 0).sizeBytes / 2)),
        ],
        ...refused(update, unproven),
        boots: "no",
        habits: { loaderVersion: 262 },
        outcomes: [{ kept: [] }],
        always: [],
        broken: ["1"],
        limping: ["1"],
        settles: false,
        remains: espOpen,
      })),
      { spared: /^P5|os_1|versions\/1/ },
    ),
  ),
  asking(
    listed("v2 when what runs lacks an image that nobody offers", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["2"], { tools: "on", toolsIn: ["2"] }),
      ...refused(update, unproven),
      outcomes: [{ kept: ["1"] }],
      always: ["1"],
      settles: false,
      remains: espOpen,
    })),
    {},
  ),
  asking(
    listed("repair of a slot that is damaged and runs, in the middle of which the power goes", (seed) => ({
      sample: sampleOf(seed, "slots", ["1"], ["1", "2"]),
      before: [
        did(update),
        booted,
        ({ world: { devices } }): void => devices.plant(disk, 2, imageOf("2", 0).with(5_000, Content.pattern(92, 16))),
      ],
      work: unrepaired,
      recover: unrepaired,
      boots: "no",
      outcomes: [{ kept: ["1"] }],
      always: ["1"],
      broken: ["2"],
      limping: ["2"],
      settles: false,
    })),
    { spared: /^(P1|P3: version|P5|P6: left over)/ },
  ),
];

export const proofs: readonly Listed[] = [...lettingGo, ...gone];
