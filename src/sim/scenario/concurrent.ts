// Two at once: the second one waits for the first, or says who runs; what comes out is consistent whoever is first.
import { repair, rollbackTo, update, updateOf, updateTo, vacuum, waiting } from "./commands.ts";
import { together } from "./interleaved.ts";
import type { Step } from "./promised.ts";
import { espFileTransfer } from "./sample-definitions.ts";
import { booted, did, inTurn, type Listed, listed, sampleOf, three, two, unless } from "./listed.ts";
import type { Outcome } from "./promised.ts";

/** Orders of the two, by seed. */
const orders = [1, 2, 3] as const;
const wentBack: Outcome = { next: "1", kept: ["1", "2"] };

/** A component whose files lie on the ESP, beside the host's entries. */
const extra: Step = ({ world: { tree } }) => {
  tree.plant("/usr/lib/sysupdate.extra.d/10-extra.transfer", espFileTransfer("os_@v.img", "/extra", "extra_@v.bin"));
  tree.plantFolder("/efi/extra");
};

export const concurrent: readonly Listed[] = orders.flatMap((order): readonly Listed[] => [
  listed(`two at once: update and update, which waits (order ${order})`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    work: together(seed + order, waiting(update), waiting(update)),
    outcomes: two,
    always: ["1"],
  })),
  listed(`two at once: update and update, which gives up (order ${order})`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    work: together(seed + order, unless(["busy"], update), unless(["busy"], update)),
    outcomes: two,
    always: ["1"],
  })),
  listed(`two at once: update and vacuum (order ${order})`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted],
    work: together(seed + order, waiting(update), waiting(vacuum)),
    recover: inTurn(update, vacuum),
    outcomes: three,
    always: ["2"],
  })),
  listed(`two at once: update and rollback (order ${order})`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted],
    work: together(seed + order, waiting(updateTo("3")), waiting(rollbackTo("2"))),
    recover: updateTo("3"),
    outcomes: three,
    // Who comes last has it; a version that came while it was passed over is installed all the same.
    afterWork: [{ next: "2", kept: ["2", "3"] }],
    always: ["2"],
    settles: false,
  })),
  listed(`two at once: rollback and repair (order ${order})`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), booted],
    work: together(seed + order, waiting(rollbackTo("1")), waiting(repair)),
    recover: rollbackTo("1"),
    outcomes: [wentBack],
    // As in every rollback on an ESP without room for a copy of the entry.
    afterFault: [{ next: "1", kept: ["1"], unfinished: true }],
    always: ["1"],
  })),
  // They hold separate locks (docs/limits.md).
  listed(`two at once: host and component on one ESP (order ${order})`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [extra],
    work: together(seed + order, update, updateOf("extra")),
    recover: inTurn(update, updateOf("extra")),
    outcomes: two,
    always: ["1"],
    remains: ["/efi/extra"],
    // A check of the ESP for the one gives files new stamps, which the other one's next run notes.
    settles: false,
  })),
]);
