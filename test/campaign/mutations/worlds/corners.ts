// Worlds in which one edge of the executor decides: parts that lie in folders of their own, links elsewhere, damage in
// place, entries that fail, pieces that fsck brought to light.
import { rollbackMachine } from "../../../../src/agent/command/rollback.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import { type Command, pin, repair, rollbackTo, update, vacuum } from "../../../../src/sim/scenario/commands.ts";
import {
  booted,
  did,
  flipped,
  type Listed,
  listed,
  sampleOf,
  two,
  unless,
  inTurn,
} from "../../../../src/sim/scenario/listed.ts";
import { redefine } from "../../../../src/sim/scenario/sample-definitions.ts";
import {
  buildNamed,
  entryPath,
  imagePath,
  plantEntry,
  plantParts,
  type Sample,
} from "../../../../src/sim/scenario/sample-machine.ts";
import { treeOf, ukiOf } from "../../../../src/sim/scenario/sample-parts.ts";
import { refused } from "./meddle.ts";
import { mend, sessionOn } from "./usual.ts";
import { asking } from "./watch.ts";

const rollback: Command = async (machine) => {
  await rollbackMachine(sessionOn(machine));
};

const inFolders = ({ world }: Sample): void =>
  redefine(world, "10-root", (text) =>
    text.replace("Path=/images\nMatchPattern=os_@v.img", "Path=/images\nMatchPattern=os_@v/root.img"),
  );

const repaired = { work: repair, recover: repair } as const;
const attempted = { work: mend, recover: mend } as const;
const limping1 = { broken: ["1"], limping: ["1"] } as const;

/** The link of a component lies in a folder of its own. */
function linkElsewhere(seed: number): Sample {
  const { world, truth } = sampleOf(seed, "trees", ["1"], ["1", "2"], { running: "unknown" });
  world.tree.plantLink("/current/app", "../apps/app_1");
  redefine(world, "10-app", (text) => text.replace("/apps/current", "/current/app"));
  return { world, truth: { ...truth, link: "/current/app" } };
}

/** The versions lie in a folder of this machine, unpacked, and nothing is downloaded. */
function fromFolder({ world }: Sample): void {
  for (const [name, content] of treeOf("2")) world.tree.plant(`/srv/apps/app_2/${name}`, content);
  redefine(world, "10-app", (text) =>
    text.replace(
      /\[Source\][^[]*/,
      "[Transfer]\nVerify=no\n[Source]\nType=directory\nPath=/srv/apps\nMatchPattern=app_@v\n",
    ),
  );
}

/** Each version of the component in a folder of its own, and the link elsewhere. */
function treesInFolders(seed: number): Sample {
  const { world, truth } = sampleOf(seed, "trees", [], ["1", "2"]);
  const builds = truth.builds.map((build) => ({
    ...build,
    parts: build.parts.map((part) => (part.kind === "tree" ? { ...part, path: `${part.path}/tree` } : part)),
  }));
  for (const build of builds.filter(({ version }) => version === "1")) plantParts(world, build);
  world.tree.plantLink("/current/app", "../apps/app_1/tree");
  redefine(world, "10-app", (text) =>
    text
      .replace("Path=/apps\nMatchPattern=app_@v", "Path=/apps\nMatchPattern=app_@v/tree")
      .replace("/apps/current", "/current/app"),
  );
  return { world, truth: { ...truth, builds, link: "/current/app" } };
}

/** A second name of the entry of a version. */
const another =
  (version: string, content: Content | Uint8Array) =>
  ({ world: { tree } }: Sample): void =>
    tree.plant(entryPath(`os_${version}+3-0.efi`), content);

function withPieces(seed: number): Sample {
  const { world, truth } = sampleOf(seed, "files", ["1"], ["1", "2"]);
  const path = "/efi/FSCK0000.REC";
  const content = Content.text("a piece of something else\n");
  world.tree.plant(path, content);
  return { world, truth: { ...truth, foreign: new Map([...truth.foreign, [path, content]]) } };
}

const places: readonly Listed[] = [
  listed("v1 to v2, images in folders of their own", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], { imagePathOf: (version) => `/images/os_${version}/root.img` }),
    before: [inFolders],
    work: update,
    outcomes: two,
    always: ["1"],
    remains: ["/images/os_1", "/images/os_2"],
  })),
  listed("v1 to v2, trees with a link elsewhere", (seed) => ({
    sample: linkElsewhere(seed),
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("v1 to v2, trees that are copied from a folder, with a link elsewhere", (seed) => ({
    sample: linkElsewhere(seed),
    before: [fromFolder],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("v1 to v2, trees that are copied into folders of their own, with a link elsewhere", (seed) => ({
    sample: treesInFolders(seed),
    before: [fromFolder],
    work: update,
    outcomes: two,
    always: ["1"],
    remains: ["/apps/app_1", "/apps/app_2"],
  })),
  asking(
    listed("v1 to v2, trees with a link that is always there", (seed) => ({
      sample: sampleOf(seed, "trees", ["1"], ["1", "2"]),
      work: update,
      outcomes: two,
      always: ["1"],
    })),
    { always: async ({ tree }) => (tree.stamp("/apps/current") === undefined ? ["P5: the link is gone"] : []) },
  ),
  asking(
    listed("a slot rots after its flush", (seed) => ({
      sample: sampleOf(seed, "slots", ["1"], ["1", "2"]),
      work: update,
      outcomes: two,
      always: ["1"],
      faults: [{ port: "volumes", name: "sync", code: "io-error", instead: "rot" }],
    })),
    { spared: /^P9/ },
  ),
  listed("someone else's recovered pieces on the ESP", (seed) => ({
    sample: withPieces(seed),
    work: update,
    outcomes: two,
    always: ["1"],
  })),
];

const damage: readonly Listed[] = [
  asking(
    listed("repair of a tree that is damaged and in use", (seed) => ({
      sample: sampleOf(seed, "trees", ["1"], ["1", "2"]),
      before: [did(update), flipped("/apps/app_2/bin/tool")],
      work: repair,
      recover: inTurn(repair, update),
      outcomes: two,
      always: ["1"],
      broken: ["2"],
    })),
    { spared: /P1|P9/ },
  ),
  asking(
    listed("two names of one entry with other bytes each", (seed) => {
      const sample = sampleOf(seed, "files", ["1"], ["1", "2"]);
      return {
        sample,
        before: [
          did(update),
          booted,
          another("2", ukiOf("2", 1)),
          // Nothing on offer could mend either.
          ({ world }): void => world.serve(sampleOf(seed, "files", ["1"], ["1"]).world.servers),
        ],
        work: update,
        recover: unless(["on-trial"], update),
        outcomes: [{ kept: ["1"] }],
        always: ["1"],
        broken: ["2"],
        settles: false,
        remains: ["/var/lib/holdfast/versions/2.json"],
      };
    }),
    {
      spared: /os_2|P3: version 2|P5|\.holdfast-/,
      always: async ({ tree }) =>
        tree.namesIn("/efi/EFI/Linux").filter((name) => name.startsWith("os_2")).length === 2
          ? []
          : ["P11: one of two names with other bytes was taken away"],
    },
  ),
  listed("repair of two names of one entry", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, another("2", new Uint8Array(9_000))],
    ...repaired,
    outcomes: two,
    always: ["1", "2"],
    broken: ["2"],
  })),
  listed("update over a damaged image of which nothing is recorded", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      did(update),
      flipped(imagePath("2")),
      ({ world }): void => world.tree.uproot("/var/lib/holdfast/versions/2.json"),
    ],
    work: update,
    outcomes: two,
    always: ["1"],
    broken: ["2"],
  })),
  listed("repair of a damaged entry", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, flipped(entryPath("os_1.efi"))],
    ...repaired,
    outcomes: two,
    always: ["2"],
    broken: ["1"],
  })),
  asking(
    listed("repair of a slot that is damaged and runs", (seed) => ({
      sample: sampleOf(seed, "slots", ["1"], ["1"]),
      before: [
        async ({ world: { devices } }): Promise<void> => {
          const [table] = devices.names();
          if (table !== undefined) devices.corrupt(table, 1, 5_000);
        },
      ],
      work: repair,
      recover: repair,
      outcomes: [{ kept: [] }],
      always: [],
      ...limping1,
    })),
    { spared: /^(P1|P3: version|P5|P6: left over)/ },
  ),
  asking(
    listed("repair of a version that is offered with other bytes now", (seed) => {
      const sample = sampleOf(seed, "files", ["1"], ["1", "2"]);
      const later = sampleOf(seed, "files", ["1"], ["1", "2"], { republished: ["2"] });
      return {
        sample: { world: sample.world, truth: later.truth },
        before: [did(update), booted, ({ world }): void => world.serve(later.world.servers), flipped(imagePath("2"))],
        ...attempted,
        outcomes: [{ kept: [] }],
        always: ["1"],
        broken: ["2"],
        limping: ["2"],
      };
    }),
    {
      spared: /^(P1: os_2|P3: version 2|P5|P6: left over)/,
      always: async ({ tree }) => {
        const image = sampleOf(1, "files", [], ["2"], { republished: ["2"] }).truth.builds.at(-1)?.parts[0];
        const found = tree.peek(imagePath("2"));
        const mixed = image?.kind === "file" && found instanceof Content && found.equals(image.content);
        return mixed ? ["P1: the entry of one publication, the image of another"] : [];
      },
    },
  ),
  asking(
    listed("going back past a version without its image", (seed) => ({
      sample: sampleOf(seed, "files", ["1", "2", "3"], ["1", "2", "3"]),
      before: [
        ({ world }): void => world.tree.uproot(imagePath("2")),
        ({ world }): void => world.tree.uproot(entryPath("os_2.efi")),
        (sample): void => plantEntry(sample.world, buildNamed(sample, "2"), "os_2"),
      ],
      work: rollback,
      recover: rollbackTo("1"),
      outcomes: [{ next: "1", kept: ["1", "3"] }],
      always: ["1"],
      broken: ["2"],
      settles: false,
      remains: [entryPath("os_2.efi"), "/var/lib/holdfast/versions/2.json"],
    })),
    { spared: /os_2/ },
  ),
];

const loaders: readonly Listed[] = [
  listed("going back to a version that is on its last try", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      did(update),
      booted,
      ({ world: { tree } }): void => tree.shift(entryPath("os_1.efi"), entryPath("os_1+1-2.efi")),
    ],
    work: rollbackTo("1"),
    recover: rollbackTo("1"),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1"],
  })),
  listed("v2 to v3 while v1 runs", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2", "3"], { running: "1" }),
    work: update,
    boots: "no",
    outcomes: [{ next: "3", kept: ["1", "2", "3"] }],
    always: ["1", "2"],
  })),
  listed("v3 when v2 runs from its slot and v1 is the way back", (seed) => ({
    sample: sampleOf(seed, "slots", ["1", "2"], ["1", "2", "3"], { slots: 3, running: "1" }),
    work: update,
    boots: "no",
    outcomes: [{ next: "3", kept: ["1", "2", "3"] }],
    always: ["1", "2"],
  })),
  listed("v3 with v1 pinned, and no room for three", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2"], ["1", "2", "3"]),
    before: [did(pin("1")), fill],
    ...refused(update, "no-space"),
    outcomes: two,
    always: ["1", "2"],
    remains: ["/var/lib/holdfast/pins/1.json"],
  })),
  listed("a damaged version goes before an older one that is whole", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2", "3"], ["1", "2", "3", "4"]),
    before: [({ world }): void => world.tree.uproot(imagePath("2"))],
    work: vacuum,
    recover: vacuum,
    outcomes: [{ next: "3", kept: ["1", "3"] }],
    always: ["1", "3"],
    broken: ["2"],
  })),
];

/** Leaves what the margin asks for and half an image more. */
const fill = ({ world: { tree } }: Sample): void => {
  const { settings } = tree.volume("/");
  tree.plant("/filler", Content.pattern(55, settings.sizeBytes - tree.volume("/").usedBytes() - 1024 * 1024 - 12_000));
};

export const corners: readonly Listed[] = [...places, ...damage, ...loaders];
