import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProgressEvent } from "../../port/progress.ts";
import { StandingLines } from "./standing-lines.ts";

const update = { version: "2", transfersDone: 1, transfersLeft: 1, transfers: true } as const;

function at(share: number, left: number, done: number): Readonly<Record<string, string>> {
  return {
    X_SYSUPDATE_VERSION: "2",
    X_SYSUPDATE_PROGRESS: `${share}`,
    X_SYSUPDATE_TRANSFERS_LEFT: `${left}`,
    X_SYSUPDATE_TRANSFERS_DONE: `${done}`,
  };
}

/** Each event, and what is told after it. */
const course: readonly (readonly [ProgressEvent, Readonly<Record<string, string>> | undefined])[] = [
  [{ kind: "step", index: 1, count: 3, title: "Check the disk" }, { STATUS: "Check the disk" }],
  [
    { kind: "step", index: 2, count: 3, title: "Download os_2.efi\u001b[2J", update },
    {
      STATUS: "Updating to 2: Download os_2.efi?[2J",
      ...at(50, 1, 1),
    },
  ],
  [
    { kind: "bytes", done: 305, total: 1000 },
    {
      STATUS: "Updating to 2: Download os_2.efi?[2J (30%)",
      ...at(65, 1, 1),
    },
  ],
  [{ kind: "bytes", done: 309, total: 1000 }, undefined],
  [{ kind: "bytes", done: 400, total: undefined }, undefined],
  [{ kind: "note", text: "going on" }, undefined],
  [{ kind: "step-done", index: 2, count: 3, title: "Download os_2.efi" }, undefined],
  [
    {
      kind: "step",
      index: 3,
      count: 3,
      title: "Audit",
      update: { ...update, transfersDone: 2, transfersLeft: 0, transfers: false },
    },
    {
      STATUS: "Updating to 2: Audit",
      ...at(100, 0, 2),
    },
  ],
  // `acquire` ends with a transfer.
  [
    { kind: "step", index: 3, count: 3, title: "Download os_2.erofs", update },
    { STATUS: "Updating to 2: Download os_2.erofs", ...at(50, 1, 1) },
  ],
  [
    { kind: "step-done", index: 3, count: 3, title: "Download os_2.erofs" },
    { STATUS: "Updating to 2: Download os_2.erofs", ...at(100, 0, 2) },
  ],
];

test("an update is told in whole percents of all its transfers, without control characters", () => {
  const lines = new StandingLines();
  for (const [event, told] of course) {
    const found = lines.after(event);
    assert.deepEqual(found === undefined ? undefined : Object.fromEntries(found), told, JSON.stringify(event));
  }
});
