// What an earlier run left half done, and what must be durable although nothing follows that would flush it: pieces and
// copies on the ESP, facts that a person told, choices of another default (P6, P7, P11).
import { unpinVersion } from "../../../../src/agent/command/pins.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { type Command, pin, rollbackTo, update } from "../../../../src/sim/scenario/commands.ts";
import {
  booted,
  did,
  type Listed,
  listed,
  sampleOf,
  two,
  unless,
  inTurn,
} from "../../../../src/sim/scenario/listed.ts";
import { entryPath, imagePath, type Sample } from "../../../../src/sim/scenario/sample-machine.ts";
import { ukiOf } from "../../../../src/sim/scenario/sample-parts.ts";
import { meddled, refusing } from "./meddle.ts";
import { backToOne, mend, sessionOn, state, toTwo } from "./usual.ts";
import { asking, textAt } from "./watch.ts";

const marker = `${state}/esp-open.json`;
const copy = entryPath(".holdfast-rename");

const unpin: Command = unless(["not-pinned"], (machine) => unpinVersion(sessionOn(machine), "1"));
/** A change of the ESP was cut off, in an earlier boot. */
const cutOffBefore = ({ world: { tree } }: Sample): void => tree.plant(marker, '{"format":1,"recovered":[]}\n');
const piece = ({ world: { tree } }: Sample): void =>
  tree.plant("/efi/FSCK0000.REC", Content.text("half of something\n"));
const halfCopy = ({ world: { tree } }: Sample): void => tree.plant(copy, Content.pattern(44, 9_000));

async function pieces({ tree }: SimWorld): Promise<readonly string[]> {
  return tree.namesIn("/efi").some((name) => name.endsWith(".REC")) ? ["a piece of ours is back"] : [];
}

async function pinned(world: SimWorld): Promise<readonly string[]> {
  const problems: string[] = [];
  if (!(await textAt(world, `${state}/pins/1.json`)).includes('"format"')) problems.push("the pin is lost");
  if (!(await textAt(world, `${state}/journal.jsonl`)).includes('"pinned"'))
    problems.push("the journal does not tell of the pin");
  return problems;
}

async function unpinned({ tree }: SimWorld): Promise<readonly string[]> {
  return tree.peek(`${state}/pins/1.json`) === undefined ? [] : ["the pin that was taken back is there again"];
}

const onlyTwo = (seed: number) =>
  ({
    sample: sampleOf(seed, "files", ["2"], ["1"]),
    outcomes: [{ next: "2", kept: ["2"] }],
    always: ["2"],
  }) as const;
const onEsp: readonly Listed[] = [
  asking(
    listed("a piece of an update that was cut off lies on the ESP", (seed) => ({
      ...toTwo(seed),
      before: [cutOffBefore, piece],
      work: update,
    })),
    { lasting: pieces },
  ),
  listed("half of a copy of an entry lies on the ESP, and nothing else is to be done", (seed) => ({
    ...onlyTwo(seed),
    before: [halfCopy],
    work: update,
  })),
  listed("half of a copy of an entry lies on the ESP, and its name is wanted", (seed) => ({
    ...backToOne(seed),
    before: [did(update), booted, halfCopy],
  })),
  listed("half of a copy lies on the ESP, and the good name of an entry is empty", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      did(update),
      booted,
      halfCopy,
      ({ world: { tree } }): void => {
        tree.shift(entryPath("os_1.efi"), entryPath("os_1+0-3.efi"));
        tree.plant(entryPath("os_1.efi"), Content.empty);
      },
    ],
    work: update,
    outcomes: two,
    always: ["2"],
    broken: ["1"],
  })),
  asking(
    listed("repair of two names of one entry with other bytes each", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
      before: [
        did(update),
        booted,
        ({ world: { tree } }): void => tree.plant(entryPath("os_2+3-0.efi"), ukiOf("2", 1)),
      ],
      work: mend,
      recover: mend,
      outcomes: two,
      always: ["1"],
      broken: ["2"],
      limping: ["2"],
      settles: false,
    })),
    { spared: /^(P1|P9|P3: version 2)/ },
  ),
];

const facts: readonly Listed[] = [
  asking(
    listed("a version is pinned, and nothing else is done", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1"]),
      work: pin("1"),
      recover: pin("1"),
      boots: "no",
      outcomes: [{ next: "1", kept: ["1"] }],
      always: ["1"],
      settles: false,
      remains: [`${state}/pins/1.json`],
    })),
    { lasting: pinned },
  ),
  asking(
    listed("a pin is taken back, and nothing else is done", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1"]),
      before: [did(pin("1"))],
      work: unpin,
      recover: unpin,
      boots: "no",
      outcomes: [{ next: "1", kept: ["1"] }],
      always: ["1"],
      settles: false,
    })),
    { lasting: unpinned },
  ),
];

const switches: readonly Listed[] = [
  listed("going back when a default was chosen by a pattern", (seed) => ({
    ...backToOne(seed),
    before: [did(update), booted, ({ world }): void => void world.variables.set("LoaderEntryDefault", "os_2*")],
  })),
  listed("going back, then an update, which does not go forward again", (seed) => ({
    ...backToOne(seed),
    before: [did(update), booted],
    work: inTurn(rollbackTo("1"), update),
    recover: inTurn(rollbackTo("1"), update),
  })),
  listed("going back, then an update, which does not go forward again, trees with a link", (seed) => ({
    sample: sampleOf(seed, "trees", ["1"], ["1", "2"]),
    before: [did(update)],
    work: inTurn(rollbackTo("1"), update),
    recover: inTurn(rollbackTo("1"), update),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1", "2"],
  })),
  asking(
    listed("someone takes the image away behind its proof, before a rollback", (seed) => ({
      ...backToOne(seed),
      before: [did(update), booted],
      work: refusing(
        meddled(rollbackTo("1"), {
          after: "replace",
          path: /\/versions\/1\.json$/,
          deed: (tree) => tree.uproot(imagePath("1")),
        }),
        "not-intact",
      ),
      recover: unless(["not-intact"], rollbackTo("1")),
      outcomes: [
        { next: "2", kept: ["2"] },
        { next: "1", kept: ["1", "2"] },
      ],
      always: ["2"],
      broken: ["1"],
      settles: false,
      remains: [entryPath("os_1.efi"), `${state}/versions/1.json`],
    })),
    { spared: /os_1|version 1|^P3: / },
  ),
];

export const halfDone: readonly Listed[] = [...onEsp, ...facts, ...switches];
