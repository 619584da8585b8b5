import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { PartResult } from "../part.ts";
import { overview } from "./overview.ts";
import { markdownTable, renderPage } from "./page.ts";
import { describeResult, isKept } from "./terminal.ts";

const result: PartResult = {
  format: 1,
  name: "kills",
  title: "Killed at any moment",
  commit: "abc1234",
  date: "2026-03-01",
  seed: 7,
  scale: 1,
  seconds: 1230,
  repeat: "SEED=7 npm run campaign -- kills",
  headlines: [
    {
      question: "BROKEN entries",
      holdfast: "0 of 500",
      kept: true,
      sysupdate257: "3 of 200",
      sysupdate262: "0 of 200",
    },
    { question: "next run finishes", holdfast: "499 of 500", kept: false },
  ],
  told: "Killed 500 times.",
  tables: [{ caption: "By file system", columns: ["file system", "kills"], rows: [["ext4", 250]] }],
  wrong: ["ext4, killed before rename 3:\n  os_2.efi is broken"],
  notTried: ["xfs: no mkfs.xfs"],
};

suite("The page of the campaign", () => {
  test("puts every headline beside what systemd-sysupdate does, and marks what was not kept", () => {
    const page = renderPage([result]);
    assert.match(page, /\n\| BROKEN entries \| 3 of 200 \| 0 of 200 \| 0 of 500 \| kept \|\n/);
    assert.match(page, /\n\| next run finishes \| – \| – \| 499 of 500 \| \*\*NOT KEPT\*\* \|\n/);
  });

  test("has one title, links from the table to the sections, and says how to repeat each", () => {
    const page = renderPage([result]);
    assert.equal(page.match(/^# /gm)?.length, 1);
    assert.match(page, /\*\*\[Killed at any moment\]\(#killed-at-any-moment\)\*\*/);
    assert.match(
      page,
      /\n## Killed at any moment\n\nKilled 500 times\.\n\nBy file system:\n\n\| file system \| kills \|\n/,
    );
    assert.match(page, /Commit abc1234, 2026-03-01, seed 7, scale 1, 21 min\. To repeat it:\n\n```\nSEED=7 npm run/);
    assert.match(page, /Not tried:\n\n- xfs: no mkfs\.xfs\n/);
  });

  test("tells what was found wrong before the sections, each in one line", () => {
    assert.match(
      renderPage([result]),
      /## What was found wrong\n\n- Killed at any moment: ext4, killed before rename 3: os_2\.efi is broken\n\n## Killed/,
    );
    assert.match(renderPage([{ ...result, wrong: [] }]), /## What was found wrong\n\nNothing\.\n/);
  });

  test("says so when nothing was measured", () => {
    assert.match(renderPage([]), /Nothing has been measured yet: run `npm run campaign`\.\n$/);
  });

  test("keeps bars and lines out of the cells of a table, and figures to the right", () => {
    const table = markdownTable(["a|b", "n"], [["one\ntwo", 3]]);
    assert.equal(table, ["| a\\|b | n |", "|---|---:|", "| one two | 3 |"].join("\n"));
  });
});

suite("The picture of the campaign", () => {
  test("draws how many runs ended as promised, whichever end of the scale that is", () => {
    const headline = { question: "a < b", sysupdate257: "50 of 200", sysupdate262: "0 of 200", kept: true };
    const bars = (holdfast: string): readonly string[] =>
      [
        ...overview([{ ...result, headlines: [{ ...headline, holdfast }] }]).matchAll(
          /width="(\d+)" height="20" fill="#9/g,
        ),
      ].map((match) => match[1] ?? "");
    assert.deepEqual(bars("0 of 500"), ["113", "150", "150"]);
    assert.deepEqual(bars("500 of 500"), ["38", "0", "150"]);
    assert.deepEqual(bars("all"), []);
    assert.match(overview([{ ...result, headlines: [{ ...headline, holdfast: "0 of 1" }] }]), />a &lt; b</);
  });
});

suite("The terminal", () => {
  test("names what was not kept and what was wrong", () => {
    assert.equal(isKept(result), false);
    assert.equal(isKept({ ...result, wrong: [], headlines: result.headlines.slice(0, 1) }), true);
    const text = describeResult(result);
    assert.match(text, /^NOT KEPT {2}kills: Killed at any moment \(1230 s, SEED=7 npm run campaign -- kills\)\n/);
    assert.match(text, /\n {2}kept {6}BROKEN entries: 0 of 500 \(257, 262: 3 of 200, 0 of 200\)\n/);
    assert.match(text, /\n {2}wrong: ext4, killed before rename 3:\n {6}os_2\.efi is broken\n/);
  });
});
