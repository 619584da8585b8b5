import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Content } from "../disk/content.ts";
import type { SimWorld } from "../machine.ts";
import { entryPath, imagePath, type Sample, sampleMachine } from "../scenario/sample-machine.ts";
import { noEntryWithoutImage } from "./p1-no-entry-without-image.ts";
import { nothingTakenFromUnder } from "./p2-nothing-from-under.ts";
import { fallsBack } from "./p3-falls-back.ts";
import { keptVersions } from "./p3-way-back.ts";
import { bootableAndNext } from "./p5-bootable-and-next.ts";
import { comesUp } from "./p6-comes-up.ts";
import { nothingLeftOver } from "./p6-nothing-left-over.ts";
import { onlyProvenBytes } from "./p9-only-proven.ts";
import { foreignFilesUntouched } from "./p11-foreign-files.ts";
import { nameState, tagState } from "./state-name.ts";

const sample = (): Sample => sampleMachine({ seed: 1, layout: "files", installed: ["1", "2"], offered: ["1", "2"] });

type Damage = (world: SimWorld) => void;
const withoutImage: Damage = ({ tree }) => tree.uproot(imagePath("2"));
const flippedImage: Damage = ({ tree }) => tree.corrupt(imagePath("2"), 100);
const flippedEntry: Damage = ({ tree }) => tree.corrupt(entryPath("os_2.efi"), 10_000);
const withoutEntry: Damage = ({ tree }) => tree.uproot(entryPath("os_2.efi"));
const usedUp: Damage = ({ tree }) => tree.shift(entryPath("os_2.efi"), entryPath("os_2+0-3.efi"));
const none: Damage = () => {};

/** What each checker says of version 2 after a damage; `undefined` for nothing. */
const verdicts: readonly {
  readonly what: string;
  readonly damage: Damage;
  readonly p1?: RegExp;
  readonly p2?: RegExp;
  readonly p3?: RegExp;
  readonly p5?: RegExp;
  readonly comesUp?: RegExp;
  readonly leftOver?: RegExp;
  readonly fallsBack?: RegExp;
  readonly p9?: RegExp;
  readonly p11?: RegExp;
}[] = [
  { what: "nothing is wrong", damage: none },
  {
    what: "an image is gone",
    damage: withoutImage,
    p1: /missing/,
    p2: /from under os_2/,
    p3: /version 2/,
    p5: /missing/,
    comesUp: /reboots for ever/,
    fallsBack: /nothing comes up/,
  },
  {
    what: "a byte of an image is flipped",
    damage: flippedImage,
    p9: /os_2.img has bytes that nobody published/,
    p1: /damaged/,
    p2: /from under os_2/,
    p3: /version 2/,
    p5: /damaged/,
    comesUp: /reboots for ever/,
    fallsBack: /nothing comes up/,
  },
  {
    what: "a byte of an entry is flipped",
    damage: flippedEntry,
    p1: /not whole/,
    p3: /version 2/,
    p5: /not whole/,
    comesUp: /reboots for ever/,
    fallsBack: /nothing comes up/,
  },
  { what: "an entry is gone", damage: withoutEntry, p3: /version 2/, p5: /os_1.efi boots next/ },
  { what: "an entry has no tries left", damage: usedUp, p5: /os_1.efi boots next/ },
  {
    what: "an image nobody knows",
    damage: ({ tree }) => tree.plant("/images/os_9.img", Content.text("x")),
    leftOver: /os_9/,
  },
  {
    what: "a recovered file on the ESP",
    damage: ({ tree }) => tree.plant("/efi/FSCK0000.REC", Content.text("x")),
    leftOver: /FSCK/,
  },
  {
    what: "a marker of unfinished work",
    damage: ({ tree }) => tree.plant("/var/lib/holdfast/esp-open.json", "{}"),
    leftOver: /esp-open/,
  },
  {
    what: "a record of a version that is gone",
    damage: ({ tree }) => tree.plant("/var/lib/holdfast/versions/9.json", "{}"),
    leftOver: /versions.9/,
  },
  {
    what: "a file of someone else is gone",
    damage: ({ tree }) => tree.uproot("/efi/loader/loader.conf"),
    p11: /someone else/,
  },
  {
    what: "a file of someone else was changed",
    damage: ({ tree }) => tree.corrupt("/efi/EFI/BOOT/BOOTX64.EFI", 100),
    p11: /someone else/,
  },
  {
    what: "every entry is on trial, and the newest lacks its image",
    damage: (world): void => {
      withoutImage(world);
      world.tree.shift(entryPath("os_1.efi"), entryPath("os_1+3-0.efi"));
      world.tree.shift(entryPath("os_2.efi"), entryPath("os_2+3-0.efi"));
    },
    p1: /missing/,
    p2: /from under os_2/,
    p3: /version 2/,
    p5: /missing/,
    fallsBack: /nothing comes up/,
  },
  {
    what: "two names of one entry",
    damage: ({ tree }): void => {
      const entry = tree.peek(entryPath("os_2.efi"));
      if (entry instanceof Content) tree.plant(entryPath("os_2+0-3.efi"), entry);
    },
    leftOver: /two names/,
  },
];

describe("the checkers find what was done behind the agent's back", () => {
  for (const { what, damage, ...expected } of verdicts) {
    test(what, async () => {
      const { world, truth } = sample();
      const start = world.fork();
      damage(world);
      const said = (problems: readonly string[], pattern: RegExp | undefined): void =>
        pattern === undefined ? assert.deepEqual(problems, []) : assert.match(problems.join("\n"), pattern);
      said(await noEntryWithoutImage(truth, world, new Set()), expected.p1);
      said(await nothingTakenFromUnder(truth, start, world), expected.p2);
      said(await keptVersions(truth, world, ["1", "2"]), expected.p3);
      said(await bootableAndNext(truth, world, "2"), expected.p5);
      said(nothingLeftOver(truth, world, ["1", "2"]), expected.leftOver);
      said(await fallsBack(truth, world, { limping: new Set() }), expected.fallsBack);
      said(onlyProvenBytes(truth, world, new Set()), expected.p9);
      said(foreignFilesUntouched(truth, world), expected.p11);
      said(await comesUp(truth, world, new Set()), expected.comesUp);
    });
  }
});

for (const [what, tell] of [
  ["name", nameState],
  ["tag", tagState],
] as const)
  test(`two states have one ${what} when only times, the journal and random names tell them apart`, () => {
    const { world } = sample();
    world.tree.plantFolder("/var/lib/holdfast");
    const before = tell(world);
    world.tree.plant("/var/lib/holdfast/journal.jsonl", "anything\n");
    assert.equal(tell(world), before);
    const told = (name: string, text: string): string => {
      const one = world.fork();
      one.tree.plant(`/var/lib/holdfast/versions/${name}`, text);
      return tell(one);
    };
    assert.equal(told("2.json", '{"b":1,"atMs":5}'), told("2.json", '{"atMs":6,"b":1}'));
    assert.equal(told(".2.json.0123456789ab", '{"b":1}'), told(".2.json.ba9876543210", '{"b":1}'));
    assert.notEqual(told("2.json", '{"b":1}'), told("2.json", '{"b":2}'));
    world.tree.plant("/efi/EFI/Linux/foreign.efi", "anything\n");
    assert.notEqual(tell(world), before);
  });
