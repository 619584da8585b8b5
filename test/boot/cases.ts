// The machines that are booted. Outcomes are what was measured; where it is not "up 1", docs/boot.md says why.
import type { Start } from "../../src/sim/boot/boot-once.ts";
import type { BootCase } from "./boot-case.ts";
import { cutTo, type Damage, emptied, noiseIn, withoutTail, zeroed } from "./damage.ts";

const trial = { "os_1.efi": "1", "os_2+3-0.efi": "2" };
const lastTry = { "os_1.efi": "1", "os_2+1-2.efi": "2" };
const blessed = { "os_1.efi": "1", "os_2.efi": "2" };
const gone = ["os_1.efi", "os_2+0-3.efi"];
const marked = ["os_1.efi", "os_2+0-1.efi"];
const both = { "1": "whole", "2": "whole" } as const;

/** The incident of KDE Linux: the entry is there, the image is not. */
export const incident: readonly BootCase[] = [
  {
    name: "image missing, on trial",
    quick: true,
    entries: trial,
    images: { "1": "whole" },
    outcome: "up 1",
    after: gone,
  },
  {
    name: "image missing, blessed",
    quick: true,
    entries: blessed,
    images: { "1": "whole" },
    outcome: "up 1",
    after: marked,
  },
  {
    name: "image missing, blessed, 262",
    entries: blessed,
    images: { "1": "whole" },
    loader: 262,
    outcome: "up 1",
    after: marked,
  },
];

export const images: readonly BootCase[] = [
  {
    name: "image empty, last try",
    entries: lastTry,
    images: { "1": "whole", "2": "empty" },
    outcome: "up 1",
    after: gone,
  },
  {
    name: "superblock of the image flipped, blessed",
    entries: blessed,
    images: { "1": "whole", "2": "flipped" },
    outcome: "up 1",
    after: marked,
  },
  {
    name: "image cut, blessed",
    entries: blessed,
    images: { "1": "whole", "2": "cut" },
    outcome: "up 1",
    after: marked,
  },
];

export const starts: readonly BootCase[] = [
  {
    name: "kernel panics, last try",
    quick: true,
    entries: lastTry,
    images: both,
    does: { "2": "panic" },
    outcome: "up 1",
    after: gone,
  },
  {
    name: "hangs before init, last try, watchdog",
    entries: lastTry,
    images: both,
    does: { "2": "hang" },
    watchdog: true,
    outcome: "up 1",
    after: gone,
  },
  {
    name: "hangs after init, last try, watchdog",
    entries: lastTry,
    images: both,
    does: { "2": "late-hang" },
    watchdog: true,
    outcome: "up 1",
    after: gone,
  },
  {
    name: "hangs before init, no watchdog",
    entries: lastTry,
    images: both,
    does: { "2": "hang" },
    secondsMax: 40,
    outcome: "hangs",
    after: gone,
  },
  {
    name: "kernel panics after the initrd has begun, blessed",
    entries: blessed,
    images: both,
    does: { "2": "late-panic" },
    outcome: "up 1",
    after: marked,
  },
  {
    name: "kernel panics before that, blessed",
    entries: blessed,
    images: both,
    does: { "2": "panic" },
    most: 3,
    outcome: "for ever",
    after: ["os_1.efi", "os_2.efi"],
  },
];

const damaged = (what: string, damage: Damage, rest: Partial<BootCase> = {}, starts?: Start): BootCase => ({
  name: `entry ${what}, last try`,
  entries: { "os_1.efi": "1", "os_2+1-2.efi": { version: "2", damage, ...(starts === undefined ? {} : { starts }) } },
  images: both,
  outcome: "up 1",
  after: gone,
  ...rest,
});

const passedOver = ["os_1.efi", "os_2+1-2.efi"];
const stuck = { outcome: "hangs", secondsMax: 60 };
const yes = { loaderConf: "timeout 0\nreboot-on-error yes\n" };

const cuts: readonly (readonly [what: string, damage: Damage])[] = [
  ["cut at 50 %", cutTo(0.5)],
  ["without its last 64 KiB", withoutTail(65_536)],
];

/** What firmware, stub and kernel make of noise in a section, and what the model is told of it. */
const noise: readonly (readonly [section: string, rest: Partial<BootCase>, starts?: Start])[] = [
  [".linux", stuck, "returns"],
  [".initrd", {}, "panic"],
  [".text", stuck, "hang"],
  [".rodata", stuck, "hang"],
  [".data", { outcome: "up 2" }],
  [".sbat", { outcome: "up 2" }],
  [".sdmagic", { outcome: "up 2" }],
  [".reloc", stuck, "returns"],
  [".osrel", { after: passedOver }],
  [".cmdline", {}, "panic"],
  [".uname", { outcome: "up 2" }],
];

export const entries: readonly BootCase[] = [
  damaged("empty", emptied, { quick: true, after: passedOver }),
  damaged("zeroed", zeroed, { after: passedOver }),
  ...cuts.flatMap(([what, damage]) => [
    damaged(`${what}, 257`, damage, stuck),
    damaged(`${what}, 257, reboot-on-error`, damage, { ...stuck, ...yes }),
    damaged(`${what}, 257, two copies of the loader`, damage, { twoLoaders: true }),
    damaged(`${what}, 262`, damage, { loader: 262 }),
  ]),
  ...noise.map(([section, rest, starts]) => damaged(`with noise in ${section}`, noiseIn(section), rest, starts)),
  damaged("with noise in .linux, two copies of the loader", noiseIn(".linux"), { twoLoaders: true }, "returns"),
  damaged("with noise in .linux, 262", noiseIn(".linux"), { loader: 262 }, "returns"),
];

const good = { "EFI/holdfast/known-good.txt": "os_1.efi\n" };

export const choices: readonly BootCase[] = [
  {
    name: "all bad: the last good one, not the newest",
    quick: true,
    entries: { "os_1+0-3.efi": "1", "os_2+0-3.efi": "2", "os_3+0-3.efi": "3" },
    images: { "1": "whole", "2": "whole" },
    files: good,
    outcome: "up 1",
    after: ["os_1+0-4.efi", "os_2+0-3.efi", "os_3+0-4.efi"],
  },
  {
    name: "all bad, 262",
    entries: { "os_1+0-3.efi": "1", "os_2+0-3.efi": "2", "os_3+0-3.efi": "3" },
    images: { "1": "whole", "2": "whole" },
    files: good,
    loader: 262,
    outcome: "up 1",
    after: ["os_1+0-4.efi", "os_2+0-3.efi", "os_3+0-4.efi"],
  },
  {
    name: "a default insists on a bad one, 262",
    entries: lastTry,
    images: { "1": "whole" },
    variables: { LoaderEntryDefault: "os_2.efi" },
    loader: 262,
    outcome: "up 1",
    after: gone,
  },
  {
    name: "a default in loader.conf insists on a bad one",
    entries: { "os_1.efi": "1", "os_2+0-3.efi": "2" },
    images: { "1": "whole" },
    loaderConf: "timeout 0\ndefault os_2*\n",
    outcome: "up 1",
    after: ["os_1.efi", "os_2+0-4.efi"],
  },
  {
    name: "a one-shot points at a bad one",
    entries: { "os_1.efi": "1", "os_2+0-3.efi": "2" },
    images: { "1": "whole" },
    variables: { LoaderEntryOneShot: "os_2.efi" },
    outcome: "up 1",
    after: ["os_1.efi", "os_2+0-4.efi"],
  },
  {
    name: "a default insists on one whose kernel panics once the initrd has begun, 262",
    entries: lastTry,
    images: both,
    does: { "2": "late-panic" },
    variables: { LoaderEntryDefault: "os_2.efi" },
    loader: 262,
    outcome: "up 1",
    after: ["os_1.efi", "os_2+0-6.efi"],
  },
  {
    name: "a default insists on one whose kernel panics before that, 262",
    entries: lastTry,
    images: both,
    does: { "2": "panic" },
    variables: { LoaderEntryDefault: "os_2.efi" },
    loader: 262,
    most: 4,
    outcome: "for ever",
    after: ["os_1.efi", "os_2+0-6.efi"],
  },
  {
    name: "nothing is left: the page",
    quick: true,
    entries: { "os_1.efi": "1", "os_2+1-2.efi": "2" },
    images: {},
    files: good,
    most: 8,
    outcome: "page",
    after: ["os_1+0-2.efi", "os_2+0-4.efi"],
  },
];

export const allCases: readonly BootCase[] = [...incident, ...images, ...starts, ...entries, ...choices];
