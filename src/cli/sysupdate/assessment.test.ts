import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleVersion } from "../sample-reports.ts";
import { type UpdateSet, assessment, isUtf8, signOf, updateSets } from "./assessment.ts";

const none: UpdateSet = {
  version: "1",
  newest: false,
  available: false,
  installed: false,
  obsolete: false,
  protected: false,
  incomplete: false,
  partial: false,
  pending: false,
};

test("every state has systemd's word and sign", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["installed newest", "current", "●"],
    ["installed newest protected available", "current", "●"],
    ["installed", "installed", " "],
    ["installed available", "installed", " "],
    ["installed protected", "protected", "○"],
    ["available newest", "candidate", "↻"],
    ["available", "available", " "],
    ["installed newest incomplete", "current+incomplete", "●"],
    ["installed incomplete", "installed+incomplete", " "],
    ["installed protected incomplete", "protected+incomplete", "○"],
    ["installed newest partial", "current+partial", "⤵️"],
    ["installed newest pending", "current+pending", "⤵️"],
    ["installed newest obsolete", "current+obsolete", "×"],
    ["installed obsolete incomplete", "installed+obsolete+incomplete", "×"],
    ["available newest obsolete", "available+obsolete", "×"],
  ];
  for (const [flags, word, sign] of cases) {
    const set = { ...none, ...Object.fromEntries(flags.split(" ").map((flag) => [flag, true])) };
    assert.deepEqual([assessment(set), signOf(set, true)], [word, sign], flags);
  }
});

test("newest are the newest installed version and what is newer than that", () => {
  const away = { installed: false, complete: false } as const;
  const sets = updateSets([
    sampleVersion("2", { available: false }),
    sampleVersion("10", away),
    sampleVersion("9", away),
    sampleVersion("3"),
    sampleVersion("11", { ...away, available: false }),
  ]);
  assert.deepEqual(
    sets.map((set) => [set.version, assessment(set)]),
    [
      ["10", "candidate"],
      ["9", "available"],
      ["3", "current"],
      ["2", "installed"],
    ],
  );
});

test("what is downloaded but not installed counts as on the machine", () => {
  const away = { installed: false, complete: false } as const;
  const words = (["partial", "pending"] as const).map((staged) =>
    updateSets([sampleVersion("2", { ...away, staged }), sampleVersion("1")]).map(assessment),
  );
  assert.deepEqual(words, [
    ["current+partial", "installed"],
    ["current+pending", "installed"],
  ]);
});

test("signs are ASCII where the locale says so", () => {
  assert.equal(signOf({ ...none, installed: true, newest: true }, false), "*");
  assert.deepEqual(
    [{}, { LANG: "C.UTF-8" }, { LANG: "C" }, { LANG: "de_DE.utf8", LC_ALL: "POSIX" }, { LC_ALL: "" }].map(isUtf8),
    [true, true, false, false, true],
  );
});
