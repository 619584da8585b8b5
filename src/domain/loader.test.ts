import assert from "node:assert/strict";
import { test } from "node:test";
import type { BootEntry } from "./boot-graph.ts";
import { countDown, withoutCounter, withTriesLeft } from "./entry-count.ts";
import { afterAllTries, boot, chain, type LoaderState, predict, sortMenu } from "./loader.ts";
import { sampleEntry } from "./sample-entry.ts";

/** `NAME [sort-key [version [machine-id]]]` */
function entry(text: string): BootEntry {
  const [name = "", sortKey, version, machineId] = text.split(" ");
  return sampleEntry(name, { sortKey, version, machineId });
}

function state(names: readonly string[], changes: Partial<LoaderState> = {}): LoaderState {
  return { entries: names.map(entry), config: {}, choices: {}, supportsPreferred: true, ...changes };
}

const fails = { kind: "fails", why: "it is cut short" } as const;
const names = (entries: readonly BootEntry[]): readonly string[] => entries.map(({ fileName }) => fileName);

test("The menu is in the order of systemd-boot", () => {
  const rows: readonly (readonly string[])[] = [
    // Each row is in menu order; the names alone decide without a sort key.
    ["os_10.efi", "os_9.efi", "os_2.efi"],
    ["os_2.efi", "os_2~rc1.efi", "os_1.efi"],
    ["os_2+3-0.efi", "os_1.efi"],
    ["os_1.efi", "os_2+0-2.efi"],
    ["os_2+0-2.efi", "os_1+0-1.efi"],
    ["a.efi", "c+0-1.efi z 9", "d+0-1.efi"],
    ["new.efi os 2", "old.efi"],
    ["x.efi alpha 1", "x2.efi beta 9"],
    ["x.efi os 9", "x.conf os 9 aaaa", "x2.efi os 8 aaaa", "x.efi os 9 bbbb"],
    ["b.efi os 2", "a.efi os 2", "z.efi os 1"],
    ["a.efi os 1", "b.efi os"],
    ["os_2.1.efi", "os_2.efi", "os_2-1.efi"],
    ["os_1+3-0.efi", "os_1+2-1.efi", "os_1+2-2.efi"],
    ["Z.efi OS 1", "a.efi os 9"],
  ];
  for (const row of rows) {
    assert.deepEqual(
      names(sortMenu(row.map(entry))),
      row.map((text) => text.split(" ")[0]),
    );
    assert.deepEqual(
      names(sortMenu(row.map(entry).toReversed())),
      row.map((text) => text.split(" ")[0]),
    );
  }
});

test("What the loader ignores is not in the menu, what it fails to load is", () => {
  const empty = sampleEntry("os_3.efi", { loadable: { kind: "ignored", why: "it is empty" } });
  const cut = sampleEntry("os_2.efi", { loadable: fails });
  assert.deepEqual(names(sortMenu([empty, cut, entry("os_1.efi")])), ["os_2.efi", "os_1.efi"]);
});

test("Before 258 the counter is part of the id, and may win against a point release", () => {
  const entries = ["os_2+1-1.efi", "os_2.1+1-1.efi"].map(entry);
  assert.deepEqual(names(sortMenu(entries)), ["os_2.1+1-1.efi", "os_2+1-1.efi"]);
  assert.deepEqual(names(sortMenu(entries, true)), ["os_2+1-1.efi", "os_2.1+1-1.efi"]);
});

test("The reasons of the loader go in its order, and only preferred looks at counters", () => {
  const bad = ["os_2+0-3.efi", "os_1.efi"];
  const rows: readonly (readonly [readonly string[], Partial<LoaderState>, string | undefined, string])[] = [
    [[], {}, undefined, "nothing"],
    [bad, {}, "os_1.efi", "order"],
    [bad, { choices: { default: "os_2.efi" } }, "os_2+0-3.efi", "default-variable"],
    [bad, { config: { default: "OS_2*" } }, "os_2+0-3.efi", "default-config"],
    [bad, { choices: { default: "os_9.efi" }, config: { default: "os_2.efi" } }, "os_2+0-3.efi", "default-config"],
    [bad, { choices: { preferred: "os_2.efi" } }, "os_1.efi", "order"],
    [bad, { config: { preferred: "os_*" } }, "os_1.efi", "preferred-config"],
    [bad, { choices: { preferred: "os_1.efi", default: "os_2.efi" } }, "os_1.efi", "preferred-variable"],
    [bad, { config: { preferred: "os_1.efi" }, choices: { default: "os_2.efi" } }, "os_1.efi", "preferred-config"],
    [bad, { config: { preferred: "os_2.efi" }, choices: { preferred: "os_1.efi" } }, "os_1.efi", "preferred-variable"],
    [
      bad,
      { choices: { preferred: "os_1.efi", default: "os_2.efi" }, supportsPreferred: false },
      "os_2+0-3.efi",
      "default-variable",
    ],
    [bad, { choices: { oneShot: "os_2.efi", default: "os_1.efi" } }, "os_2+0-3.efi", "one-shot"],
    [bad, { choices: { sysFail: "os_2.efi" } }, "os_1.efi", "order"],
    [bad, { choices: { sysFail: "os_2.efi", sysFailed: true, oneShot: "os_1.efi" } }, "os_2+0-3.efi", "sysfail"],
    [bad, { choices: { default: "@saved", lastBooted: "os_2.efi" } }, "os_2+0-3.efi", "default-variable"],
    [bad, { config: { default: "@saved" } }, "os_1.efi", "order"],
    [["os_2+2-1.efi", "os_1.efi"], { choices: { default: "os_2.efi" }, idsWithCounter: true }, "os_2+2-1.efi", "order"],
    [
      ["os_2+2-1.efi", "os_1.efi"],
      { choices: { default: "os_1.efi" }, idsWithCounter: true },
      "os_1.efi",
      "default-variable",
    ],
  ];
  for (const [entries, changes, next, because] of rows) {
    const found = predict(state(entries, changes));
    assert.deepEqual([found.next?.fileName, found.because], [next, because], JSON.stringify([entries, changes]));
  }
});

test("A boot counts down by rename in the width the name has", () => {
  const rows = [
    ["os_2+2.efi", "os_2+1-1.efi"],
    ["os_2+3-0.efi", "os_2+2-1.efi"],
    ["os_2+10-00.efi", "os_2+09-01.efi"],
    ["os_2+1-9.efi", "os_2+0-9.efi"],
    ["os_2+0-2.efi", "os_2+0-3.efi"],
    ["os_2.efi", "os_2.efi"],
    ["os+x+1-0.conf", "os+x+0-1.conf"],
  ] as const;
  for (const [before, after] of rows) {
    const counted = countDown(sampleEntry(before));
    assert.equal(counted.fileName, after);
    assert.equal(counted.id, sampleEntry(before).id);
    assert.ok(counted.path.endsWith(`/${after}`), counted.path);
    assert.deepEqual(counted.tries, sampleEntry(after).tries);
  }
  assert.equal(withTriesLeft(sampleEntry("os_2+03-07.efi"), 0).fileName, "os_2+00-07.efi");
  assert.deepEqual(
    withoutCounter(sampleEntry("os_2+03-07.efi", { stamp: "" })),
    sampleEntry("os_2.efi", { stamp: "" }),
  );
});

test("A boot uses up the one-shot choice, even one that leads nowhere", () => {
  const once = state(["os_2.efi", "os_1+3-0.efi"], { choices: { oneShot: "os_1.efi" } });
  assert.deepEqual([names(boot(once).entries), boot(once).choices.oneShot], [["os_2.efi", "os_1+2-1.efi"], undefined]);
  assert.equal(boot(state(["os_2.efi"], { choices: { oneShot: "gone.efi" } })).choices.oneShot, undefined);
  assert.equal(boot(state([], { choices: { oneShot: "gone.efi" } })).choices.oneShot, undefined);
});

test("The chain shows what boots if nothing ever comes up", () => {
  const rows: readonly (readonly [readonly string[], Partial<LoaderState>, readonly string[]])[] = [
    [["os_2+2-0.efi", "os_1.efi"], {}, ["os_2+2-0.efi", "os_2+1-1.efi", "os_1.efi"]],
    [["os_2+0-2.efi", "os_1.efi"], {}, ["os_1.efi"]],
    // Both exhausted: the newest, for ever.
    [["os_2+0-2.efi", "os_1+0-2.efi"], {}, ["os_2+0-2.efi"]],
    [["os_2+1-0.efi", "os_1+1-0.efi"], {}, ["os_2+1-0.efi", "os_1+1-0.efi", "os_2+0-1.efi"]],
    [["os_2.efi", "os_1.efi"], { choices: { oneShot: "os_1.efi" } }, ["os_1.efi", "os_2.efi"]],
    [
      ["os_2+2-0.efi", "os_1.efi"],
      { choices: { default: "os_2.efi" } },
      ["os_2+2-0.efi", "os_2+1-1.efi", "os_2+0-2.efi"],
    ],
    [["os_2+1-0.efi", "os_1.efi"], { config: { default: "@saved" } }, ["os_2+1-0.efi", "os_2+0-1.efi"]],
    [[], {}, []],
  ];
  for (const [entries, changes, expected] of rows) assert.deepEqual(names(chain(state(entries, changes))), expected);
});

test("An entry that cannot be loaded ends the chain unless the loader reboots", () => {
  const rows: readonly (readonly [string, Partial<LoaderState>, readonly string[]])[] = [
    ["os_2+2-0.efi", {}, ["os_2+2-0.efi", "os_2+1-1.efi", "os_1.efi"]],
    ["os_2+2-0.efi", { supportsPreferred: false }, ["os_2+2-0.efi"]],
    ["os_2+2-0.efi", { config: { rebootOnError: "no" } }, ["os_2+2-0.efi"]],
    ["os_2.efi", {}, ["os_2.efi"]],
    ["os_2.efi", { config: { rebootOnError: "yes" } }, ["os_2.efi"]],
    ["os_2.efi", { choices: { oneShot: "os_2.efi" }, config: { rebootOnError: "yes" } }, ["os_2.efi", "os_2.efi"]],
  ];
  for (const [name, changes, expected] of rows) {
    const entries = [sampleEntry(name, { loadable: fails }), entry("os_1.efi")];
    assert.deepEqual(names(chain({ ...state([], changes), entries })), expected);
  }
});

test("The chain has an end for any number of tries", () => {
  assert.equal(chain(state(["os_2+999999999-0.efi", "os_1.efi"])).length, 64);
  assert.equal(chain(state(["os_2+9-0.efi", "os_1.efi"]), 3).length, 3);
});

test("The way back is what boots once the new entry has no tries left", () => {
  const rows: readonly (readonly [readonly string[], Partial<LoaderState>, string | undefined])[] = [
    [["os_2.efi", "os_1.efi"], {}, "os_2.efi"],
    [["os_3+3-0.efi", "os_2+0-3.efi", "os_1.efi"], {}, "os_1.efi"],
    [["os_2+0-3.efi", "os_1+0-3.efi"], {}, "os_3+0-0.efi"],
    [["os_2+1-2.efi", "os_1.efi"], {}, "os_2+1-2.efi"],
    [["os_1.efi"], { choices: { default: "os_3.efi" } }, "os_3+0-0.efi"],
    [["os_1.efi"], { choices: { oneShot: "os_3.efi" } }, "os_1.efi"],
    [[], {}, "os_3+0-0.efi"],
  ];
  for (const [entries, changes, expected] of rows) {
    assert.equal(
      afterAllTries(state(entries, changes), sampleEntry("os_3+3-0.efi"))?.fileName,
      expected,
      entries.join(" "),
    );
  }
  assert.equal(afterAllTries(state(["os_1.efi"]), sampleEntry("os_3.efi"))?.fileName, "os_3.efi");
});
