import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseVersion } from "../base/ids.ts";
import { keepAndRemove, minInstancesMax, type RetainedVersion } from "./retention.ts";
import { sampleTransfer } from "./sample-transfer.ts";

const flags = ["running", "wayBack", "target", "pinned", "protected", "complete", "quarantined", "obsolete"] as const;
const letters = "rwtpPiqo";

/** `5t` is version 5, target; `i` stands for incomplete. */
function versions(text: string): readonly RetainedVersion[] {
  return text.split(" ").map((word) => {
    const has = (letter: string): boolean => word.slice(1).includes(letter);
    const [running, wayBack, target, pinned, isProtected, incomplete, quarantined, obsolete] = [...letters].map(has);
    return {
      version: parseVersion(word.charAt(0)),
      running: running === true,
      wayBack: wayBack === true,
      target: target === true,
      pinned: pinned === true,
      protected: isProtected === true,
      complete: incomplete !== true,
      quarantined: quarantined === true,
      obsolete: obsolete === true,
    };
  });
}

test("The oldest and the useless go, never what is held", () => {
  const rows: readonly (readonly [string, number, string, string])[] = [
    ["3t 2rw 1", 3, "321", ""],
    ["3t 2rw 1", 2, "32", "1"],
    ["3t 2rw 1", 0, "32", "1"],
    ["5t 4rw 3 2 1", 3, "543", "12"],
    ["5t 4rw 3i 2 1", 3, "542", "31"],
    ["5t 4rw 3q 2 1", 3, "542", "31"],
    ["5t 4rw 3q 2i 1o", 4, "5431", "2"],
    ["5t 4rw 3q 2i 1o", 3, "541", "23"],
    ["5t 4r 3w 2p 1P", 2, "54321", ""],
    ["5t 4r 3 2w", 2, "542", "3"],
    ["5i 4rw 3 2", 2, "43", "52"],
    ["5 4 3", Number.POSITIVE_INFINITY, "543", ""],
  ];
  for (const [text, instancesMax, keep, remove] of rows) {
    const found = keepAndRemove({ versions: versions(text), instancesMax });
    assert.deepEqual([found.keep.join(""), found.remove.join("")], [keep, remove], `${text} with ${instancesMax}`);
  }
});

test("Whatever is installed, what is held stays, and no more goes than has to", () => {
  const flagged = fc.record(
    Object.fromEntries(flags.map((flag) => [flag, fc.boolean()])) as Record<
      (typeof flags)[number],
      fc.Arbitrary<boolean>
    >,
  );
  fc.assert(
    fc.property(fc.array(flagged, { maxLength: 9 }), fc.integer({ min: 0, max: 6 }), (all, instancesMax) => {
      const installed = all.map((each, index) => ({ ...each, version: parseVersion(String(9 - index)) }));
      const { keep, remove } = keepAndRemove({ versions: installed, instancesMax });
      assert.equal(keep.length + remove.length, installed.length);
      assert.ok(keep.length >= Math.min(installed.length, Math.max(2, instancesMax)));
      for (const { version, running, wayBack, target, pinned } of installed) {
        if (running || wayBack || target || pinned) assert.ok(keep.includes(version));
      }
    }),
  );
});

test("The fewest InstancesMax of all transfers counts", () => {
  const file = (count: string): ReturnType<typeof sampleTransfer> =>
    sampleTransfer("50-a", { path: "/a", patterns: "a_@v", target: count });
  const slots = sampleTransfer("60-b", { path: "auto", patterns: "b_@v", target: "Type=partition" });
  assert.equal(minInstancesMax([file("")]), 3);
  assert.equal(minInstancesMax([file("InstancesMax=5"), file(""), slots]), 3);
  assert.equal(minInstancesMax([file("InstancesMax=1")]), 2);
  assert.equal(minInstancesMax([slots]), Number.POSITIVE_INFINITY);
  assert.equal(minInstancesMax([]), Number.POSITIVE_INFINITY);
});
