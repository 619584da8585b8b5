// What decides where entries get their names: gaps in a folder on FAT, an ESP that fills, boot entries on a file system
// that is not FAT, a choice for the next boot that a rename does not make void (P1, P5, P6, P11).
import { folderOf, joinPath } from "../../../../src/base/machine-path.ts";
import { bootOnce } from "../../../../src/sim/boot/boot-once.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import { SimWorld } from "../../../../src/sim/machine.ts";
import { type Command, repair, rollbackTo, update } from "../../../../src/sim/scenario/commands.ts";
import {
  booted,
  did,
  flipped,
  type Listed,
  listed,
  sampleOf,
  two,
  inTurn,
} from "../../../../src/sim/scenario/listed.ts";
import { judgedBoots } from "../../../../src/sim/scenario/judged-boots.ts";
import { loaderMachine, loaderUpdates } from "../../../../src/sim/scenario/loader-updates.ts";
import { entryPath, imagePath, type Sample } from "../../../../src/sim/scenario/sample-machine.ts";
import { meddled, reading, refusing } from "./meddle.ts";
import { backToOne, mend } from "./usual.ts";
import { asking } from "./watch.ts";

/** Others' files once lay before this one in its folder: what is new gets a place before it, and not its own. */
const behindGaps =
  (path: string) =>
  ({ world: { tree } }: Pick<Sample, "world">): void => {
    const content = tree.peek(path);
    if (content === undefined || content === "unreadable") throw new Error(`Assertion failed: ${path} is there`);
    tree.uproot(path);
    const others = ["a", "b", "c"].map((name) => joinPath(folderOf(path), `${name}.tmp`));
    for (const other of others) tree.plant(other, Content.pattern(70, 600));
    tree.plant(path, content);
    for (const other of others) tree.uproot(other);
  };

/** Of two names that are the same the check of the file system gives one another name, and nobody takes that away. */
const noneRenamed = async ({ tree }: SimWorld): Promise<readonly string[]> =>
  ["holdfast", "systemd"]
    .flatMap((folder) => tree.namesIn(`/efi/EFI/${folder}`))
    .flatMap((name) => (name.startsWith("FSCK") ? [`P6: left over: ${name}`] : []));

/** The scenario, where these files lie behind gaps in their folder. */
function gapped(name: string, listed: Listed | undefined, files: Readonly<Record<string, string | undefined>>): Listed {
  const inGaps: Listed = {
    name,
    make: async (seed) => {
      const scenario = await listed?.make(seed);
      if (scenario === undefined) throw new Error(`Assertion failed: there is a scenario for ${name}`);
      const world = scenario.world.fork();
      for (const [path, text] of Object.entries(files)) {
        if (text !== undefined) world.tree.plant(path, text);
        behindGaps(path)({ world });
      }
      return { ...scenario, name, world };
    },
  };
  return asking(inGaps, { done: noneRenamed });
}

const copyPath = "/efi/EFI/systemd/systemd-bootx64.efi";

/** What is written of the named copy of the boot loader turns into something else on the medium: the old one stays. */
const rotten: Listed = {
  name: "a copy of the boot loader turns bad on the medium as it is written",
  make: async (seed) => {
    const replaced = loaderUpdates.find(({ name }) => name === "the named copy of the boot loader is replaced");
    const scenario = await replaced?.make(seed);
    if (scenario === undefined) throw new Error("Assertion failed: there is a scenario in which it is replaced");
    const { newer } = loaderMachine(seed);
    const older = scenario.world.tree.peek(copyPath, "medium");
    return {
      ...scenario,
      name: rotten.name,
      faults: [
        {
          port: "disk",
          name: "sync",
          subject: joinPath(folderOf(copyPath), ".holdfast-loader"),
          code: "",
          instead: "rot",
        },
      ],
      check: async (world): Promise<readonly string[]> => {
        const found = world.tree.peek(copyPath, "medium");
        // A rename that was cut off leaves a name without bytes.
        const known = [newer, older].some(
          (content) => content instanceof Content && found instanceof Content && found.equals(content),
        );
        const whole = known || !(found instanceof Content) || found.sizeBytes === 0;
        return [...(await scenario.check(world)), ...(whole ? [] : [`P8: ${copyPath} holds what nobody wrote`])];
      },
    };
  },
};

/** The same machine with its boot entries on ext4, which a loader reads with a driver of the firmware. */
const onExt4 = ({ world }: Sample): SimWorld => {
  const { tree, options, variables } = world;
  const fileSystems = options.fileSystems.map((each) =>
    each.mountPoint === "/efi" ? ({ ...each, type: "ext4" } as const) : each,
  );
  const other = new SimWorld({ ...options, fileSystems });
  for (const [path, kind, key] of tree.rows()) {
    const content = kind === "file" ? tree.peek(path) : undefined;
    if (content !== undefined && content !== "unreadable") other.tree.plant(path, content);
    else if (kind === "symlink") other.tree.plantLink(path, key);
    else other.tree.plantFolder(path);
  }
  for (const [name, value] of variables) other.variables.set(name, value);
  other.serve(world.servers);
  return other;
};

/** What this loader, whose ids have no counters, starts next. */
async function startsFirst(world: SimWorld): Promise<readonly string[]> {
  const { tried } = await bootOnce(world.fork(), {
    esp: "/efi",
    loaderVersion: 262,
    imageMissing: "reboot",
    start: () => "up",
  });
  return tried[0] === "os_1.efi" ? [] : [`P5: ${tried[0] ?? "nothing"} boots next, not version 1`];
}

/** One byte is wrong in these readings of the file, another one each time: a line got it wrong, and not the medium. */
const misread =
  (command: Command, path: string, ...which: readonly number[]): Command =>
  (machine) => {
    let seen = 0;
    const disk = reading(machine, path, (bytes) => {
      const [first] = bytes;
      if (first === undefined) return;
      if (which.includes(seen)) bytes[0] = first ^ (seen + 1);
      seen++;
    });
    return command({ ...machine, disk });
  };

export const onTheEsp: readonly Listed[] = [
  listed("the copy of an entry does not read back as it was written", (seed) => ({
    ...backToOne(seed),
    before: [did(update), booted],
    work: refusing(
      meddled(rollbackTo("1"), {
        after: "open",
        path: /\/\.holdfast-rename$/,
        passing: 1,
        deed: (tree) => tree.corrupt(entryPath(".holdfast-rename"), 5_000),
      }),
      "entry-not-renamed",
    ),
    outcomes: [
      { next: "2", kept: ["1", "2"] },
      { next: "1", kept: ["1", "2"] },
    ],
    always: ["1"],
    remains: ["/var/lib/holdfast/esp-open.json", "/var/lib/holdfast/quarantine/2.json"],
    settles: false,
  })),
  listed("v1 to v2, and one reading of the entry of v1 is wrong", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(mend)],
    work: misread(update, entryPath("os_1.efi"), 0),
    outcomes: two,
    always: ["1"],
  })),
  listed("v1, for which nobody vouches, to v2, and one reading of v1 is wrong", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["2"]),
    work: inTurn(misread(update, imagePath("1"), 1), repair),
    outcomes: two,
    always: ["1"],
  })),
  listed("v1, for which nobody vouches, to v2, and no two readings of v1 are alike", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["2"]),
    work: inTurn(refusing(misread(update, imagePath("1"), 1, 2), "way-back-unproven"), update),
    outcomes: two,
    always: ["1"],
  })),
  listed("repair of a damaged entry behind gaps in its folder", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted, behindGaps(entryPath("os_1.efi")), flipped(entryPath("os_1.efi"))],
    work: repair,
    recover: repair,
    outcomes: two,
    always: ["2"],
    broken: ["1"],
  })),
  gapped(
    "a boot of the blessed v2 is confirmed, and the list of good entries lies behind gaps",
    judgedBoots.find(({ name }) => name === "a boot of the blessed v2 is judged and confirmed"),
    { "/efi/EFI/holdfast/known-good.txt": "os_1.efi\n" },
  ),
  gapped(
    "the named copy of the boot loader is replaced behind gaps in its folder",
    loaderUpdates.find(({ name }) => name === "the named copy of the boot loader is replaced"),
    { "/efi/EFI/systemd/systemd-bootx64.efi": undefined },
  ),
  gapped(
    "the named copy of the boot loader is replaced, and an unfinished one lies behind gaps in its folder",
    loaderUpdates.find(({ name }) => name === "the named copy of the boot loader is replaced"),
    { "/efi/EFI/systemd/.holdfast-loader": "half of it" },
  ),
  rotten,
  listed("the ESP fills while an entry is copied to its other name", (seed) => ({
    ...backToOne(seed),
    before: [did(update), booted],
    // Without room for a copy, a rename that the power cuts may cost FAT both names: then v2 is gone, and v1 boots.
    outcomes: [
      { next: "1", kept: ["1", "2"] },
      { next: "1", kept: ["1"], unfinished: true },
    ],
    work: meddled(rollbackTo("1"), {
      after: "open",
      path: /\/\.holdfast-rename$/,
      deed: (tree) => {
        const esp = tree.volume("/efi");
        const free = esp.settings.sizeBytes - esp.usedBytes();
        tree.plant("/efi/EFI/filler", Content.pattern(71, free - 4096));
      },
    }),
  })),
  listed("someone takes the image away before the audit, and boot entries are on ext4", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [onExt4],
    work: refusing(
      meddled(update, {
        after: "rename",
        path: /\/os_2\+3-0\.efi$/,
        deed: (tree) => tree.uproot(imagePath("2")),
      }),
      "audit-failed",
    ),
    outcomes: [{ next: "1", kept: ["1"] }, ...two],
    always: ["1"],
    broken: ["2"],
    settles: false,
    remains: [imagePath("2"), "/var/lib/holdfast/versions/2.json"],
  })),
  asking(
    listed("going back when the next boot was chosen, with a loader whose ids have no counters", (seed) => ({
      ...backToOne(seed),
      before: [
        did(update),
        booted,
        ({ world: { variables } }): void => {
          variables.set("LoaderInfo", "systemd-boot 262");
          variables.set("LoaderEntryOneShot", "os_2.efi");
        },
      ],
      habits: { loaderVersion: 262 },
    })),
    { done: startsFirst, lasting: startsFirst },
  ),
];
