// Loader or ESP damaged before: a volume in doubt, names that share clusters, entries that are cut, settings that pin.
import { Content } from "../disk/content.ts";
import { update, updateTo } from "./commands.ts";
import { bothNames, cutOff, everything, neitherName } from "./cut-off.ts";
import { booted, did, flipped, type Listed, listed, sampleOf, three, two } from "./listed.ts";
import type { Outcome, Promised, Step } from "./promised.ts";
import { entryPath, type Sample, type SampleOptions } from "./sample-machine.ts";

type Rest = Partial<Promised> & Pick<Promised, "outcomes" | "always">;

/** v1 runs, v2 comes. */
function damage(what: string, before: readonly Step[], rest: Rest, options: Partial<SampleOptions> = {}): Listed {
  return listed(`damage: ${what}`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], options),
    before,
    work: update,
    ...rest,
  }));
}

const done: Rest = { outcomes: two, always: ["1"] };
const entryRename = (call: { readonly name: string; readonly subject: string }): boolean =>
  call.name === "syncFolder" && call.subject === "/efi/EFI/Linux";

const cuts: readonly Listed[] = (["salvage", "free"] as const).flatMap((lostChains) => [
  damage(
    `an ESP not unmounted, ${lostChains === "salvage" ? "lost clusters become files" : "lost clusters are freed"}`,
    [cutOff(update, ({ name, subject }) => name === "sync" && subject.startsWith("/efi/"), everything)],
    done,
    { lostChains },
  ),
  damage(
    `two names of one entry, ${lostChains === "salvage" ? "lost clusters become files" : "lost clusters are freed"}`,
    [cutOff(update, entryRename, bothNames)],
    done,
    { lostChains },
  ),
  damage(
    `clusters without a name, ${lostChains === "salvage" ? "which become files" : "which are freed"}`,
    [cutOff(update, entryRename, neitherName)],
    done,
    { lostChains },
  ),
]);

/** The entry of v2 on trial, changed: each way of boot-lab's table. */
const ukis: readonly (readonly [what: string, change: (whole: Content) => Content, rest?: Partial<Promised>])[] = [
  ["of no bytes", () => Content.empty],
  ["cut after its first 512 bytes", (whole) => whole.slice(0, 512)],
  ["all zero", (whole) => Content.zeros(whole.sizeBytes)],
  ["with noise for a header", (whole) => whole.with(0, Content.pattern(9, 64))],
  // With 257 the machine stays at the firmware: nothing that an update could do about it.
  ["cut in half", (whole) => whole.slice(0, whole.sizeBytes / 2), { habits: { loaderVersion: 262 } }],
  ["without its end", (whole) => whole.slice(0, whole.sizeBytes - 512), { habits: { loaderVersion: 262 } }],
  ["with noise behind", (whole) => whole.with(whole.sizeBytes - 900, Content.pattern(9, 900))],
];

const damagedUkis: readonly Listed[] = ukis.map(([what, change, rest]) =>
  damage(
    `an entry on trial ${what}`,
    [
      did(update),
      ({ world: { tree } }): void => {
        const whole = tree.peek(entryPath("os_2+3-0.efi"));
        if (whole instanceof Content) tree.plant(entryPath("os_2+3-0.efi"), change(whole));
      },
    ],
    { ...done, broken: ["2"], ...rest },
  ),
);

const pinned: readonly Outcome[] = [{ next: "1", kept: ["1", "2"] }];

const settings: readonly Listed[] = [
  damage("loader.conf is empty", [], done, { loaderConf: "" }),
  damage("loader.conf is garbage", [], done, { loaderConf: "\u0000\u0001default\n\n= =\tdefault\n" }),
  damage("slots of the ESP with names that are none", [], done, { junkSlots: true }),
  damage(
    "loader.conf pins the old version",
    [],
    { outcomes: pinned, always: ["1"] },
    { loaderConf: "default os_1*\n" },
  ),
  damage(
    "the default pins an entry that is not there",
    [({ world }) => pin(world, "LoaderEntryDefault", "os_9.efi")],
    done,
  ),
  damage(
    "a one-shot choice of an entry that is not there",
    [({ world }) => pin(world, "LoaderEntryOneShot", "os_9.efi")],
    done,
  ),
  damage("the default pins the old version", [({ world }) => pin(world, "LoaderEntryDefault", "os_1.efi")], {
    outcomes: pinned,
    always: ["1"],
  }),
  listed("damage: the default pins a version whose image is damaged", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [
      did(updateTo("2")),
      booted,
      flipped("/images/os_1.img"),
      ({ world }) => pin(world, "LoaderEntryDefault", "os_1.efi"),
    ],
    work: update,
    // The default starts v1 all the same: then it runs, is the way back, and is mended.
    outcomes: [...three, { next: "1", kept: ["1", "3"] }, { next: "1", kept: ["1", "2", "3"] }],
    always: [],
    broken: ["1"],
    limping: ["1"],
  })),
];

function pin({ variables }: Sample["world"], name: "LoaderEntryDefault" | "LoaderEntryOneShot", value: string): void {
  variables.set(name, value);
}

export const damages: readonly Listed[] = [...cuts, ...damagedUkis, ...settings];
