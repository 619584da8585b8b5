// Others write on the disk too, and media lie: what was looked at a moment ago is looked at again (P1, P2, P5, P11).
import { Content } from "../../../../src/sim/disk/content.ts";
import { rollbackTo, update, updateTo, vacuum } from "../../../../src/sim/scenario/commands.ts";
import {
  booted,
  did,
  type Listed,
  listed,
  sampleOf,
  three,
  two,
  unless,
  inTurn,
} from "../../../../src/sim/scenario/listed.ts";
import type { Promised } from "../../../../src/sim/scenario/promised.ts";
import { buildNamed, entryPath, imagePath } from "../../../../src/sim/scenario/sample-machine.ts";
import { meddled, meddledAt, refusing } from "./meddle.ts";
import { toTwo } from "./usual.ts";
import { asking } from "./watch.ts";

const image2 = /^\/images\/os_2\.img$/;
const entry2 = /\/os_2\+3-0\.efi$/;
const record2 = /\/versions\/2\.json$/;

/** An update to 2 that fails on the way and leaves 1 as what boots, until it is run again. */
const givenUp = (seed: number): Omit<Promised, "name" | "work"> => ({
  ...toTwo(seed),
  outcomes: [{ next: "1", kept: ["1"] }, ...two],
  broken: ["2"],
  settles: false,
  remains: [imagePath("2"), "/var/lib/holdfast/versions/2.json", "/var/lib/holdfast/esp-open.json"],
});

const media: readonly Listed[] = [
  asking(
    listed("the medium returns other bytes of an image than were written", (seed) => ({
      ...toTwo(seed),
      work: inTurn(
        refusing(
          meddled(update, { after: "rename", path: image2, deed: (tree) => tree.corrupt(imagePath("2"), 5_000) }),
          "read-back-differs",
        ),
        update,
      ),
    })),
    { spared: /^P9: \/images\/os_2/ },
  ),
  asking(
    listed("the medium returns other bytes of an entry than were written", (seed) => ({
      ...givenUp(seed),
      work: refusing(
        meddled(update, {
          after: "rename",
          path: entry2,
          deed: (tree) => tree.corrupt(entryPath("os_2+3-0.efi"), 5_000),
        }),
        "read-back-differs",
      ),
    })),
    { spared: /^P9: .*os_2/ },
  ),
  asking(
    listed("the medium returns other bytes of a tree than were written", (seed) => ({
      sample: sampleOf(seed, "trees", ["1"], ["1", "2"]),
      work: inTurn(
        refusing(
          meddled(update, {
            after: "rename",
            path: /^\/apps\/app_2$/,
            deed: (tree) => tree.corrupt("/apps/app_2/bin/tool", 5_000),
          }),
          "read-back-differs",
        ),
        update,
      ),
      outcomes: two,
      always: ["1"],
    })),
    { spared: /^P9: \/apps\/app_2/ },
  ),
  asking(
    listed("the medium returns other bytes of a renamed entry than were written", (seed) => ({
      ...toTwo(seed),
      before: [did(update), booted, did(rollbackTo("1")), booted],
      broken: ["2"],
      work: inTurn(
        refusing(
          meddled(updateTo("2"), {
            after: "rename",
            path: entry2,
            deed: (tree) => tree.corrupt(entryPath("os_2+3-0.efi"), 5_000),
          }),
          "not-intact",
        ),
        inTurn(unless(["not-intact", "entry-name-taken"], updateTo("2"))),
      ),
      recover: unless(["not-intact"], updateTo("2")),
      outcomes: [{ kept: ["1"] }, ...two],
      remains: [imagePath("2"), "/var/lib/holdfast/versions/2.json"],
      settles: false,
    })),
    { spared: /os_2/ },
  ),
];

const writers: readonly Listed[] = [
  listed("someone takes the image away before the entry has its name", (seed) => ({
    ...toTwo(seed),
    work: inTurn(
      refusing(
        meddled(update, { after: "replace", path: record2, passing: 1, deed: (tree) => tree.uproot(imagePath("2")) }),
        "not-whole",
      ),
      update,
    ),
  })),
  asking(
    listed("someone writes into the image before the entry has its name", (seed) => ({
      ...toTwo(seed),
      work: inTurn(
        refusing(
          meddled(update, {
            after: "replace",
            path: record2,
            passing: 1,
            deed: (tree) => tree.plant(imagePath("2"), Content.pattern(99, 20_000)),
          }),
          "not-whole",
        ),
        update,
      ),
    })),
    { spared: /^P9: \/images\/os_2/ },
  ),
  listed("someone takes the image away before the audit", (seed) => ({
    ...givenUp(seed),
    work: refusing(
      meddled(update, { after: "rename", path: entry2, deed: (tree) => tree.uproot(imagePath("2")) }),
      "audit-failed",
    ),
  })),
  asking(
    listed("someone writes into the image before the audit", (seed) => ({
      ...givenUp(seed),
      work: refusing(
        meddled(update, {
          after: "rename",
          path: entry2,
          deed: (tree) => tree.plant(imagePath("2"), Content.pattern(99, 20_000)),
        }),
        "audit-failed",
      ),
    })),
    { spared: /^P9: \/images\/os_2/ },
  ),
  listed("someone takes the entry away before the audit", (seed) => ({
    ...givenUp(seed),
    work: refusing(
      meddled(update, {
        after: "replace",
        path: record2,
        passing: 2,
        deed: (tree) => tree.uproot(entryPath("os_2+3-0.efi")),
      }),
      "audit-failed",
    ),
  })),
  asking(
    listed("someone writes into a component before the audit", (seed) => ({
      sample: sampleOf(seed, "images", ["1"], ["1", "2"]),
      outcomes: [{ next: "1", kept: ["1"] }, ...two],
      always: ["1"],
      settles: false,
      remains: [imagePath("2"), "/var/lib/holdfast/versions/2.json"],
      work: refusing(
        meddled(update, {
          after: "replace",
          path: record2,
          passing: 1,
          deed: (tree) => tree.plant(imagePath("2"), Content.pattern(99, 20_000)),
        }),
        "audit-failed",
      ),
    })),
    { spared: /os_2/ },
  ),
  listed("someone takes the image of v3 away before the audit, and v1 is not gone yet", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted],
    outcomes: [{ next: "2", kept: ["1", "2"] }, ...three],
    always: ["2"],
    broken: ["3"],
    settles: false,
    remains: ["/var/lib/holdfast/versions/3.json", "/var/lib/holdfast/esp-open.json"],
    work: refusing(
      meddled(update, { after: "rename", path: /os_3\+3-0\.efi$/, deed: (tree) => tree.uproot(imagePath("3")) }),
      "audit-failed",
    ),
  })),
  listed("someone takes the image away while only the entry comes in", (seed) => ({
    ...toTwo(seed),
    before: [did(updateTo("2")), ({ world }): void => world.tree.uproot(entryPath("os_2+3-0.efi"))],
    work: inTurn(
      refusing(
        meddled(update, {
          after: "open",
          path: /EFI\/Linux\/\.holdfast-/,
          deed: (tree) => tree.uproot(imagePath("2")),
        }),
        "not-whole",
      ),
      update,
    ),
  })),
  asking(
    listed("someone takes the image of the running version away before old ones go", (seed) => ({
      sample: sampleOf(seed, "files", ["1", "2", "3"], ["1", "2", "3"]),
      work: inTurn(
        refusing(
          meddledAt(update, /^Audit/, (tree) => tree.plant(imagePath("3"), Content.pattern(98, 20_000))),
          "audit-failed",
        ),
        async ({ disk }) => {
          if ((await disk.stat(imagePath("1"))) === undefined) throw new Error("P3: version 1 went all the same");
        },
        update,
      ),
      outcomes: [{ kept: ["2"] }],
      always: ["2"],
      broken: ["3"],
      limping: ["3"],
      settles: false,
    })),
    { spared: /os_3|_1\b|[13]\.json/ },
  ),
  listed("someone gives the entry of an old version a second name just before it goes", (seed) => {
    const sample = sampleOf(seed, "files", ["1"], ["1", "2", "3"]);
    return {
      sample,
      before: [did(updateTo("2")), booted],
      work: inTurn(
        refusing(
          meddledAt(update, /^Remove version 1/, (tree) =>
            tree.plant(entryPath("os_1+2-1.efi"), buildNamed(sample, "1").entry ?? ""),
          ),
          "removal-refused",
        ),
        update,
      ),
      outcomes: three,
      always: ["2"],
    };
  }),
  listed("someone gives the entry of an old version a second name before it goes", (seed) => {
    const sample = sampleOf(seed, "files", ["1"], ["1", "2", "3"]);
    return {
      sample,
      before: [did(updateTo("2")), booted],
      work: inTurn(
        refusing(
          meddled(update, {
            after: "rename",
            path: /\/os_3\+3-0\.efi$/,
            deed: (tree) => tree.plant(entryPath("os_1+2-1.efi"), buildNamed(sample, "1").entry ?? ""),
          }),
          "removal-refused",
        ),
        update,
      ),
      outcomes: three,
      always: ["2"],
    };
  }),
  listed("someone gives the entry of an old version a second name during vacuum", (seed) => {
    const sample = sampleOf(seed, "files", ["1", "2", "3"], ["1", "2", "3"]);
    return {
      sample,
      work: inTurn(
        refusing(
          meddled(vacuum, {
            after: "replace",
            path: /esp-open\.json$/,
            deed: (tree) => tree.plant(entryPath("os_1+2-1.efi"), buildNamed(sample, "1").entry ?? ""),
          }),
          "removal-refused",
        ),
        vacuum,
      ),
      recover: vacuum,
      outcomes: three,
      always: ["2", "3"],
    };
  }),
  asking(
    listed("someone takes a renamed entry away", (seed) => ({
      ...toTwo(seed),
      before: [did(update), booted, did(rollbackTo("1")), booted],
      broken: ["2"],
      work: inTurn(
        refusing(
          meddled(updateTo("2"), {
            after: "remove",
            path: /\/os_2\+0-[0-9]\.efi$/,
            deed: (tree) => tree.uproot(entryPath("os_2+3-0.efi")),
          }),
          "entry-not-renamed",
        ),
        updateTo("2"),
      ),
      recover: updateTo("2"),
    })),
    {},
  ),
];

export const othersWriteToo: readonly Listed[] = [...media, ...writers];
