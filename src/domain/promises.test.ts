import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion, type Version } from "../base/ids.ts";
import type { BootEntry, GraphNode, Need, Soundness } from "./boot-graph.ts";
import type { LoaderState } from "./loader.ts";
import type { Plan, Removal, WayBack } from "./plan.ts";
import {
  doneMeansBootableAndNext,
  firmwareWillTakeIt,
  hasWayBack,
  noEntryWithoutImage,
  nothingTakenFromUnder,
  planKeepsWayBack,
  wayBackIsProven,
} from "./promises.ts";
import type { Instance, Place } from "./resource.ts";
import { sampleEntry } from "./sample-entry.ts";

const file = (path: string): Place => ({ kind: "file", path });
const version = (text: string): Version => parseVersion(text);
const image = (of: string): Place => file(`/system/os_${of}.erofs`);

function need(role: Need["role"], place: Place, soundness: Soundness): Need {
  return { transfer: role, role, what: place.kind === "partition" ? "slot" : place.path, place, soundness };
}

/** An entry `os_V…` with itself and its image as needs. */
function node(fileName: string, soundness: Soundness = "verified", changes: Partial<BootEntry> = {}): GraphNode {
  const entry = sampleEntry(fileName, changes);
  const of = /\d+/.exec(fileName)?.[0] ?? "";
  return {
    entry,
    version: version(of),
    needs: [need("entry", file(entry.path), "verified"), need("image", image(of), soundness)],
  };
}

function instance(of: string, place: Place): Instance {
  const fields = { version: version(of) };
  return { transfer: "t", version: fields.version, place, fields, sizeBytes: 1, stamp: "", fileSystem: "f" };
}

function removal(of: string, ...places: readonly Place[]): Removal {
  return { version: version(of), why: "retention", instances: places.map((place) => instance(of, place)) };
}

function loader(nodes: readonly GraphNode[], changes: Partial<LoaderState> = {}): LoaderState {
  return { entries: nodes.map(({ entry }) => entry), config: {}, choices: {}, supportsPreferred: true, ...changes };
}

const entryOf = (of: string): Place => file(`/efi/EFI/Linux/os_${of}.efi`);
const foreign: GraphNode = { entry: sampleEntry("fedora.efi"), version: undefined, needs: [] };

test("P1 is broken by a visible entry whose image is missing or damaged, and by nothing else", () => {
  const ignored = { loadable: { kind: "ignored", why: "it is empty" } } as const;
  const cut = { loadable: { kind: "fails", why: "it is cut short" } } as const;
  const rows: readonly (readonly [readonly GraphNode[], string])[] = [
    [[node("os_2.efi"), foreign], ""],
    [[node("os_2.efi", "unknown"), node("os_1.efi", "unchecked")], ""],
    [[node("os_2.efi", "missing", ignored)], ""],
    [[node("os_2.efi", "missing")], "The entry os_2.efi cannot boot: /system/os_2.erofs is missing"],
    [[node("os_2.efi", "damaged")], "The entry os_2.efi cannot boot: /system/os_2.erofs is damaged"],
    [[node("os_2.efi", "verified", cut)], "The entry os_2.efi cannot boot: it is cut short"],
  ];
  for (const [nodes, broken] of rows) {
    const { holds, sentence, promise } = noEntryWithoutImage({ graph: { nodes } });
    assert.deepEqual([promise, holds, holds ? "" : sentence], ["P1", broken === "", broken]);
  }
});

test("P2 is broken when something goes before the entry that needs it", () => {
  const nodes = [node("os_2.efi"), node("os_1.efi")];
  const rows: readonly (readonly [readonly Removal[], boolean])[] = [
    [[], true],
    [[removal("1", entryOf("1"), image("1"))], true],
    [[removal("1", image("1"), entryOf("1"))], false],
    [[removal("1", image("1"))], false],
    [[removal("1", entryOf("1"), image("2"))], false],
    [[removal("1", entryOf("1")), removal("2", entryOf("2"), image("1"), image("2"))], true],
  ];
  for (const [removals, holds] of rows)
    assert.equal(nothingTakenFromUnder({ graph: { nodes }, removals }).holds, holds);
  assert.equal(
    nothingTakenFromUnder({ graph: { nodes }, removals: [removal("1", image("1"))] }).sentence,
    "/system/os_1.erofs would be removed while os_1.efi needs it",
  );
});

function plan(wayBack: WayBack, steps: Plan["steps"]): Plan {
  return { target: version("3"), from: version("2"), wayBack, steps, downloadBytes: 1, space: [], notices: [] };
}

test("P3 is broken by a plan that removes or overwrites what is kept", () => {
  const nodes = [node("os_2.efi"), node("os_1.efi"), node("os_0.efi")];
  const wayBack: WayBack = { kind: "version", version: version("2"), entry: nodes[0]?.entry };
  const clear = (of: string): Plan["steps"][number] => ({
    kind: "clear",
    removal: removal(of, entryOf(of), image(of)),
  });
  const install = (place: Place): Plan["steps"][number] => ({
    kind: "install",
    offer: {
      transfer: "t",
      version: version("3"),
      name: "n",
      location: "l",
      remote: true,
      shape: { kind: "tree" },
      fields: { version: version("3") },
      evidence: "signed",
      sha256: undefined,
      sizeBytes: undefined,
    },
    destination: { transfer: "t", role: "image", place, staging: place, fileSystem: "f" },
  });
  const rows: readonly (readonly [Plan["steps"], boolean])[] = [
    [[clear("0"), install(image("3"))], true],
    [[clear("2")], false],
    [[clear("1")], false],
    [[install(image("2"))], false],
    [[install(image("1"))], false],
    [[install(image("0"))], true],
    [[{ kind: "clear", removal: removal("0", image("2")) }], false],
  ];
  for (const [steps, holds] of rows) {
    const facts: Parameters<typeof planKeepsWayBack>[0] = {
      graph: { nodes },
      plan: plan(wayBack, steps),
      pinned: [version("1")],
      running: version("2"),
    };
    assert.equal(planKeepsWayBack(facts).holds, holds, JSON.stringify(steps));
  }
});

test("P3 as a state asks for a complete entry that no counter can end", () => {
  const rows: readonly (readonly [readonly GraphNode[], Partial<LoaderState>, string])[] = [
    [[node("os_2+3-0.efi"), node("os_1.efi")], {}, ""],
    [[node("os_1.efi")], {}, ""],
    [[node("os_2+3-0.efi"), foreign], {}, ""],
    [
      [node("os_2+3-0.efi"), node("os_1.efi", "missing")],
      {},
      "The way back os_1.efi cannot boot: /system/os_1.erofs is missing",
    ],
    [[node("os_2+3-0.efi"), node("os_1+1-0.efi")], {}, "The way back os_1+1-0.efi is itself counted"],
    [[node("os_2+3-0.efi")], {}, "There is no way back from os_2+0-0.efi"],
    [
      [node("os_2+3-0.efi"), node("os_1.efi")],
      { choices: { default: "os_2.efi" } },
      "There is no way back from os_2+0-0.efi",
    ],
    [[], {}, "Nothing can boot"],
  ];
  for (const [nodes, changes, broken] of rows) {
    const { holds, sentence } = hasWayBack({ graph: { nodes }, loader: loader(nodes, changes) });
    assert.deepEqual([holds, holds ? "" : sentence], [broken === "", broken]);
  }
});

test("P4 asks for a way back that was verified and carries no counter", () => {
  const good = node("os_2.efi");
  const counted = node("os_2+1-0.efi");
  const broken = node("os_2.efi", "damaged");
  const rows: readonly (readonly [GraphNode | undefined, BootEntry | undefined, readonly string[], string])[] = [
    [good, good.entry, ["2"], ""],
    [undefined, undefined, ["2"], ""],
    [good, good.entry, ["1"], "The way back, version 2, has not been verified"],
    [counted, counted.entry, ["2"], "The way back, version 2, is counted and may be passed over"],
    [broken, broken.entry, ["2"], "The way back, version 2, cannot boot: /system/os_2.erofs is damaged"],
    [undefined, good.entry, ["2"], "The way back, version 2, has no entry called os_2.efi"],
  ];
  for (const [present, entry, proven, sentence] of rows) {
    const wayBack: WayBack = { kind: "version", version: version("2"), entry };
    const graph = { nodes: present === undefined ? [] : [present] };
    const found = wayBackIsProven({ graph, wayBack, proven: new Set(proven.map(version)) });
    assert.deepEqual([found.holds, found.holds ? "" : found.sentence], [sentence === "", sentence]);
  }
  assert.ok(
    wayBackIsProven({ graph: { nodes: [] }, wayBack: { kind: "none", why: "nothing is installed" }, proven: new Set() })
      .holds,
  );
});

test("P5 asks that the target is verified and is what boots next", () => {
  const two = [node("os_2+3-0.efi"), node("os_1.efi")];
  const rows: readonly (readonly [readonly GraphNode[], Partial<LoaderState>, string])[] = [
    [two, {}, ""],
    [two, { choices: { default: "os_1.efi" } }, "Version 2 is not what boots next, but os_1.efi (default-variable)"],
    [[node("os_1.efi")], {}, "Version 2 has no boot entry"],
    [[node("os_2.efi", "missing")], {}, "Version 2 cannot boot: /system/os_2.erofs is missing"],
    [[node("os_2.efi", "unchecked")], {}, "Not all that os_2.efi needs has been verified"],
    [
      [node("os_2.efi", "verified", { loadable: { kind: "ignored", why: "" } })],
      {},
      "Version 2 is not what boots next, but nothing (nothing)",
    ],
  ];
  for (const [nodes, changes, broken] of rows) {
    const facts = {
      graph: { nodes },
      loader: loader(nodes, changes),
      target: version("2"),
      hasEntry: true,
      proven: new Set([version("2")]),
    };
    const { holds, sentence } = doneMeansBootableAndNext(facts);
    assert.deepEqual([holds, holds ? "" : sentence], [broken === "", broken]);
    assert.equal(doneMeansBootableAndNext({ ...facts, proven: new Set() }).sentence, "Version 2 has not been verified");
    assert.ok(doneMeansBootableAndNext({ ...facts, hasEntry: false }).holds);
  }
});

test("P12 asks that Secure Boot lets the target and the way back start; P1 does not", () => {
  const refused = { loadable: { kind: "refused", why: "it is not signed" } } as const;
  const rows: readonly (readonly [readonly GraphNode[], string])[] = [
    [[node("os_2.efi"), node("os_1.efi")], "Secure Boot lets what was installed start, and what it falls back to"],
    [
      [node("os_2.efi"), node("os_0.efi", "verified", refused)],
      "Secure Boot lets what was installed start, and what it falls back to",
    ],
    [
      [node("os_2.efi", "verified", refused)],
      "Version 2 cannot boot: Secure Boot would not let it start: it is not signed",
    ],
    [
      [node("os_2.efi"), node("os_1.efi", "verified", refused)],
      "Version 1 cannot boot: Secure Boot would not let it start: it is not signed",
    ],
  ];
  for (const [nodes, expected] of rows) {
    const verdict = firmwareWillTakeIt({ graph: { nodes }, versions: [version("2"), version("1")] });
    assert.deepEqual([verdict.promise, verdict.sentence], ["P12", expected]);
    assert.equal(noEntryWithoutImage({ graph: { nodes } }).holds, true);
  }
  const missing = node("os_2.efi", "missing", refused);
  assert.equal(noEntryWithoutImage({ graph: { nodes: [missing] } }).holds, false);
});
