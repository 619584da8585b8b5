// What success means for good: modes, what is remembered, what was brought in, what is told (P6, P7).
import { updateMachine } from "../../../../src/agent/command/update.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { type Command, repair, update } from "../../../../src/sim/scenario/commands.ts";
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
import { define, redefine, undefine } from "../../../../src/sim/scenario/sample-definitions.ts";
import { entryPath, imagePath, type Sample } from "../../../../src/sim/scenario/sample-machine.ts";
import { imageOf, ukiOf } from "../../../../src/sim/scenario/sample-parts.ts";
import { meddled, refusing } from "./meddle.ts";
import { cleanup, hiddenName, sessionOn, state, toTwo } from "./usual.ts";
import { asking, portsOf, textAt } from "./watch.ts";

const installdb = "/var/lib/systemd/sysupdate/installdb";

const acquireOnly: Command = async (machine) => {
  await updateMachine(sessionOn(machine), { acquireOnly: true });
};
const hiddenImage = `/images/${hiddenName(imageOf("2", 0))}`;
const hiddenEntry = entryPath(hiddenName(ukiOf("2", 0)));

async function modes(world: SimWorld): Promise<readonly string[]> {
  const stat = await portsOf(world).disk.stat(imagePath("2"));
  return stat === undefined || stat.mode === 0o444
    ? []
    : [`the mode of the image is ${stat.mode.toString(8)}, not 444`];
}

async function told(world: SimWorld): Promise<readonly string[]> {
  const problems: string[] = [];
  if (!(await textAt(world, `${state}/journal.jsonl`)).includes('"updated"'))
    problems.push("the journal does not tell of the update");
  if (world.tree.peek(`${state}/esp-open.json`) !== undefined) problems.push("the ESP is still said to be in doubt");
  if (world.tree.namesIn(installdb).length < 3) problems.push("cleanup would not find what was installed");
  return problems;
}

async function brought(world: SimWorld): Promise<readonly string[]> {
  const here = (path: string, content: Content): boolean => {
    const found = world.tree.peek(path, "medium");
    return found !== undefined && found !== "unreadable" && found.equals(content);
  };
  return [
    ...(here(hiddenImage, imageOf("2", 0)) ? [] : ["the image that was brought in is gone"]),
    ...(here(hiddenEntry, ukiOf("2", 0)) ? [] : ["the entry that was brought in is gone"]),
  ];
}

const longer = ({ world: { tree } }: Sample): void => {
  for (const [path, content] of [
    [hiddenImage, imageOf("2", 0)],
    [hiddenEntry, ukiOf("2", 0)],
  ] as const)
    tree.plant(path, content.with(content.sizeBytes, Content.pattern(88, 9_000)));
};

const wrong = ({ world: { tree } }: Sample): void =>
  tree.plant(hiddenImage, Content.pattern(66, imageOf("2", 0).sizeBytes));

/** The entry's definition comes before the image's in the order of file names. */
const entryFirst = ({ world }: Sample): void => {
  const found = world.tree.peek("/usr/lib/sysupdate.d/20-uki.transfer");
  if (found === undefined || found === "unreadable") throw new Error("Assertion failed: the entry is defined");
  undefine(world, "20-uki");
  define(world, "05-uki", new TextDecoder().decode(found.bytes()));
};

async function imageFirst({ tree }: SimWorld): Promise<readonly string[]> {
  const isWhole = (path: string, content: Content): boolean => {
    const found = tree.peek(path, "medium");
    return found instanceof Content && found.equals(content);
  };
  return isWhole(entryPath("os_2.efi"), ukiOf("2", 0)) && !isWhole(imagePath("2"), imageOf("2", 0))
    ? ["P1: the entry is mended, and its image is not"]
    : [];
}

const flipOnTheWay = ({ world }: Sample): void =>
  world.servers[0]?.plan({ path: "/os/os_2.img", after: 1, fault: { kind: "flip", at: 5_000 } });

/** As `update`, but what was noted as flushed into a slot is not asked for again. */
const resuming: Command = async (machine) => {
  const folder = `${state}/staging`;
  const notes = (await machine.disk.resolve(folder)) === undefined ? [] : await machine.disk.list(folder);
  const hadNote = notes.some(({ name }) => /^[0-9a-f]{16}\.json$/.test(name));
  const offsets: number[] = [];
  await update({
    ...machine,
    http: {
      request: (request, signal) => {
        if (request.url.endsWith("/os_2.img") && request.method === "GET") offsets.push(request.offset ?? 0);
        return machine.http.request(request, signal);
      },
    },
  });
  if (hadNote && offsets.includes(0)) throw new Error("what was flushed into the slot is fetched once more");
};

const withoutNotices: Command = async (machine) => {
  const { notices } = await updateMachine(sessionOn(machine));
  if (notices.length > 0) throw new Error(`it said of a good update: ${notices.join("; ")}`);
};

const several: readonly Listed[] = [
  asking(
    listed("v1 to v2, and what is told of it", (seed) => ({ ...toTwo(seed), work: update })),
    { done: modes, lasting: told },
  ),
  asking(
    listed("v2 is brought in, and installed later", (seed) => ({
      ...toTwo(seed),
      work: acquireOnly,
      outcomes: [{ next: "1", kept: ["1"] }, ...two],
      remains: [hiddenImage, hiddenEntry],
      settles: false,
    })),
    { lasting: brought },
  ),
  listed("more than all of a download lies under its hidden name", (seed) => ({
    ...toTwo(seed),
    before: [longer, ({ world }): void => redefine(world, "10-root", (text) => text.replace("Mode=0444\n", ""))],
    work: update,
  })),
  listed("other bytes lie under the hidden name of a download", (seed) => ({
    ...toTwo(seed),
    before: [wrong],
    work: update,
  })),
  listed("the definition of the entry comes first", (seed) => ({ ...toTwo(seed), before: [entryFirst], work: update })),
  asking(
    listed("the definition of the entry comes first, and a repair", (seed) => ({
      ...toTwo(seed),
      before: [did(update), booted, entryFirst, flipped(imagePath("2")), flipped(entryPath("os_2.efi"))],
      work: repair,
      recover: repair,
      broken: ["2"],
      limping: ["2"],
    })),
    { always: imageFirst },
  ),
  listed("the server sends a wrong byte", (seed) => ({
    ...toTwo(seed),
    before: [flipOnTheWay],
    work: inTurn(refusing(update, "digest-mismatch"), update),
    recover: inTurn(unless(["digest-mismatch"], update), update),
  })),
  listed("the server sends a wrong byte of an entry, and the update gives up", (seed) => ({
    ...toTwo(seed),
    before: [
      ({ world }): void =>
        world.servers[0]?.plan({ path: "/os/os_2.efi", after: 1, fault: { kind: "flip", at: 5_000 } }),
    ],
    work: unless(["digest-mismatch"], update),
    recover: inTurn(unless(["digest-mismatch"], update), update),
    outcomes: [...two, { next: "1", kept: ["1"], unfinished: true }],
    settles: false,
  })),
  listed("v1 to v2, and the ESP is mounted anew in the middle", (seed) => ({
    ...toTwo(seed),
    work: meddled(withoutNotices, {
      after: "rename",
      path: /^\/images\/os_2\.img$/,
      deed: (tree) => tree.volume("/efi").remount(),
    }),
  })),
  listed("v1 to v2, two slots, and what was flushed is not fetched again", (seed) => ({
    sample: sampleOf(seed, "slots", ["1"], ["1", "2"]),
    work: update,
    recover: resuming,
    outcomes: two,
    always: ["1"],
  })),
  asking(
    listed("cleanup of what no definition owns any more", (seed) => ({
      sample: sampleOf(seed, "images", ["1"], ["1", "2"]),
      before: [
        did(update),
        ({ world }): void => undefine(world, "10-root"),
        ({ world }): void => define(world, "30-other", otherTransfer),
      ],
      work: cleanup,
      recover: cleanup,
      outcomes: [{ kept: [] }],
      always: [],
      settles: false,
    })),
    { done: cleaned, lasting: cleaned, spared: /./ },
  ),
];

const cleanups: readonly Listed[] = [
  asking(
    listed("cleanup of a tree that no definition owns any more", (seed) => ({
      sample: sampleOf(seed, "trees", ["1"], ["1", "2"]),
      before: [
        did(update),
        ({ world }): void => undefine(world, "10-app"),
        ({ world }): void => define(world, "30-other", otherTransfer),
      ],
      work: cleanup,
      recover: cleanup,
      outcomes: [{ kept: [] }],
      always: [],
      settles: false,
    })),
    { done: treesCleaned, lasting: treesCleaned, spared: /./ },
  ),
];

const otherTransfer =
  "[Source]\nType=url-file\nPath=http://updates.example/os\nMatchPattern=other_@v.img\n" +
  "[Target]\nType=regular-file\nPath=/others\nMatchPattern=other_@v.img\n";

async function cleaned(world: SimWorld): Promise<readonly string[]> {
  const left = world.tree.namesIn("/images");
  return left.length === 0 ? [] : [`left over: ${left.join(", ")}`];
}

async function treesCleaned(world: SimWorld): Promise<readonly string[]> {
  const left = world.tree.namesIn("/apps").filter((name) => name !== "current");
  return left.length === 0 ? [] : [`left over: ${left.join(", ")}`];
}

export const lasting: readonly Listed[] = [...several, ...cleanups];
