import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion, type Version } from "../base/ids.ts";
import type { BootEntry, GraphNode, Need, Soundness } from "./boot-graph.ts";
import { type DiagnosisFacts, diagnose } from "./diagnose.ts";
import { type FindingCode, finding } from "./findings.ts";
import type { JudgedInstance } from "./graph.ts";
import type { LoaderState } from "./loader.ts";
import type { Place } from "./resource.ts";
import { sampleEntry } from "./sample-entry.ts";

const file = (path: string): Place => ({ kind: "file", path });
const version = (text: string): Version => parseVersion(text);

interface NodeChanges {
  readonly image?: Soundness;
  readonly own?: Soundness;
  readonly entry?: Partial<BootEntry>;
}

/** `os_V…` with itself and its image as needs; other names are foreign. */
function node(fileName: string, { image = "verified", own = "verified", entry = {} }: NodeChanges = {}): GraphNode {
  const made = sampleEntry(fileName, entry);
  const of = /^os_(?<version>\d+)/.exec(fileName)?.groups?.["version"];
  if (of === undefined) return { entry: made, version: undefined, needs: [] };
  const needs: readonly Need[] = [
    { transfer: "90-uki", role: "entry", what: made.path, place: file(made.path), soundness: own },
    {
      transfer: "50-root",
      role: "image",
      what: `/system/os_${of}.erofs`,
      place: file(`/system/os_${of}.erofs`),
      soundness: image,
    },
  ];
  return { entry: made, version: version(of), needs };
}

function instance(of: string, path: string, soundness: Soundness = "verified", sizeBytes = 100): JudgedInstance {
  const fields = { version: version(of) };
  return {
    instance: {
      transfer: "t",
      version: fields.version,
      place: file(path),
      fields,
      sizeBytes,
      stamp: "",
      fileSystem: "fs",
    },
    soundness,
  };
}

interface Changes extends Partial<Omit<DiagnosisFacts, "loader">> {
  readonly loader?: Partial<LoaderState>;
}

function facts(nodes: readonly GraphNode[], { loader, ...changes }: Changes = {}): DiagnosisFacts {
  return {
    graph: { nodes },
    loader: { entries: nodes.map(({ entry }) => entry), config: {}, choices: {}, supportsPreferred: true, ...loader },
    hasEntries: true,
    running: { version: version("2"), because: "" },
    instances: [],
    trust: new Map(),
    quarantined: new Set(),
    leftovers: [],
    recovered: [],
    fileSystems: [],
    republished: [],
    notPe: [],
    ...changes,
  };
}

const healthy = [node("os_2.efi"), node("os_1.efi")];

function found(nodes: readonly GraphNode[], changes: Changes = {}): readonly string[] {
  return diagnose(facts(nodes, changes)).map(({ code, subject }) => `${code} ${subject}`.trim());
}

test("A healthy machine has no findings", () => {
  assert.deepEqual(found(healthy), []);
  assert.deepEqual(found([node("os_2+3-0.efi"), node("os_1.efi")]), []);
  assert.deepEqual(found([], { hasEntries: false }), []);
});

test("Entries and what they need are judged", () => {
  const rows: readonly (readonly [readonly GraphNode[], readonly string[]])[] = [
    [[node("os_2.efi", { image: "missing" }), node("os_1.efi")], ["entry-without-image os_2.efi"]],
    [[node("os_2.efi", { image: "damaged" }), node("os_1.efi")], ["image-damaged /system/os_2.erofs"]],
    [[node("os_2.efi"), node("os_1.efi"), node("os_0.efi", { own: "damaged" })], ["entry-damaged os_0.efi"]],
    [
      [
        node("os_2.efi", { entry: { loadable: { kind: "ignored", why: "it is empty" } } }),
        node("os_1.efi"),
        node("os_0.efi"),
      ],
      ["entry-ignored-by-loader os_2.efi"],
    ],
    [
      [
        node("os_2.efi"),
        node("os_1.efi"),
        node("os_0.efi", { entry: { loadable: { kind: "fails", why: "it is cut" } } }),
      ],
      ["entry-damaged os_0.efi"],
    ],
    [[...healthy, node("os_3+0-3.efi")], ["counters-exhausted os_3+0-3.efi"]],
    [[...healthy, node("fedora.efi", { entry: { sortKey: undefined } })], ["foreign-entry fedora.efi"]],
    [[...healthy, node("os_3+2-0.efi"), node("os_3+1-1.efi")], ["two-names-of-one-entry os_3.efi"]],
  ];
  for (const [nodes, expected] of rows) assert.deepEqual(found(nodes), expected, expected.join());
});

test("What the loader will do is held against what it should", () => {
  const exhausted = [node("os_3+0-3.efi"), ...healthy];
  const rows: readonly (readonly [readonly GraphNode[], Changes, readonly string[]])[] = [
    [
      exhausted,
      { loader: { choices: { default: "os_3.efi" } } },
      ["default-pins-bad-entry os_3+0-3.efi", "counters-exhausted os_3+0-3.efi"],
    ],
    [healthy, { loader: { choices: { default: "os_1.efi" } } }, ["override-in-force os_1.efi"]],
    [
      [...healthy, node("os_0.efi", { image: "missing" })],
      { loader: { choices: { default: "os_0.efi" } } },
      ["default-pins-bad-entry os_0.efi", "entry-without-image os_0.efi"],
    ],
    [healthy, { loader: { choices: { oneShot: "os_1.efi" } } }, ["override-in-force os_1.efi"]],
    // A pattern that picks what is first anyway overrides nothing.
    [healthy, { loader: { config: { default: "os_*" } } }, []],
    [[...healthy, node("zz.efi", { entry: { sortKey: "aa" } })], {}, ["not-next 2", "foreign-entry zz.efi"]],
    [healthy, { quarantined: new Set([version("2")]) }, ["not-next 1"]],
    [healthy, { loader: { otherLoader: "GRUB 2.12" } }, ["other-loader GRUB 2.12"]],
    [
      [node("os_2+0-3.efi"), node("os_1+0-3.efi")],
      {},
      [
        "all-entries-bad os_2+0-3.efi",
        "counters-exhausted os_2+0-3.efi",
        "counters-exhausted os_1+0-3.efi",
        "way-back-missing os_2+0-3.efi",
      ],
    ],
  ];
  for (const [nodes, changes, expected] of rows) assert.deepEqual(found(nodes, changes), expected, expected.join());
});

test("The way back is looked for", () => {
  assert.deepEqual(found([node("os_2.efi")]), ["way-back-missing os_2.efi"]);
  assert.deepEqual(found([node("os_2.efi"), node("os_1.efi", { image: "missing" })]), [
    "entry-without-image os_1.efi",
    "way-back-missing os_2.efi",
  ]);
  assert.deepEqual(found([node("os_2+3-0.efi"), node("os_1+2-0.efi")]), ["way-back-counted os_1+2-0.efi"]);
});

test("Everything beside the entries is judged", () => {
  const disk = {
    id: "fs",
    mountPoint: "/efi",
    holds: "boot",
    availableBytes: 1000,
    readOnly: false,
    complaints: [],
  } as const;
  const rows: readonly (readonly [Changes, readonly string[]])[] = [
    [{ instances: [instance("2", "/system/os_2.erofs")] }, []],
    [{ instances: [instance("2", "/system/os_2.erofs", "unknown")] }, ["unvouched 2"]],
    [{ instances: [instance("2", "/system/extra", "damaged")] }, ["image-damaged /system/extra"]],
    [{ instances: [instance("3", "/system/os_3.erofs")] }, ["version-without-entry 3"]],
    [{ fileSystems: [disk] }, []],
    [{ fileSystems: [{ ...disk, readOnly: true }] }, ["esp-read-only /efi"]],
    [{ fileSystems: [{ ...disk, holds: "system", readOnly: true }] }, []],
    [{ fileSystems: [{ ...disk, complaints: ["dirty bit"] }] }, ["esp-dirty /efi"]],
    [{ fileSystems: [disk], instances: [instance("2", "/efi/a", "verified", 1001)] }, ["esp-almost-full /efi"]],
    [
      { fileSystems: [{ ...disk, holds: "system" }], instances: [instance("2", "/a", "verified", 1001)] },
      ["system-almost-full /efi"],
    ],
    [{ notPe: ["/efi/EFI/Linux/os_2.efi"] }, ["not-a-pe-file /efi/EFI/Linux/os_2.efi"]],
    [
      {
        leftovers: [
          {
            by: "sysupdate",
            place: file("/a/.sysupdate.partial.b"),
            digestPrefix: undefined,
            name: "b",
            transfer: "t",
            sizeBytes: 1,
            takenBytes: 4096,
          },
        ],
      },
      ["left-over /a/.sysupdate.partial.b"],
    ],
    [{ recovered: ["/efi/FSCK0000.REC"] }, ["recovered-file /efi/FSCK0000.REC"]],
    [{ republished: [version("1")] }, ["republished 1"]],
    [{ withdrawn: [version("1")] }, ["withdrawn 1"]],
    [
      {
        trust: new Map([
          [version("1"), "adopted"],
          [version("2"), "proven"],
          [version("0"), "unproven"],
        ]),
      },
      ["adopted 1", "unproven 0"],
    ],
    [{ running: { version: undefined, because: "no IMAGE_VERSION" } }, ["unknown-running-version"]],
  ];
  for (const [changes, expected] of rows) assert.deepEqual(found(healthy, changes), expected, expected.join());
});

const codes: Readonly<Record<FindingCode, true>> = {
  "entry-without-image": true,
  "image-damaged": true,
  "entry-damaged": true,
  "entry-ignored-by-loader": true,
  "not-repaired": true,
  "initrd-without-parts": true,
  "refused-by-firmware": true,
  "secure-boot-unreadable": true,
  "not-a-pe-file": true,
  "counters-exhausted": true,
  "all-entries-bad": true,
  "default-pins-bad-entry": true,
  "override-in-force": true,
  "not-next": true,
  "other-loader": true,
  "in-container": true,
  "live-system": true,
  "no-uefi": true,
  "two-names-of-one-entry": true,
  "way-back-missing": true,
  "way-back-counted": true,
  "version-without-entry": true,
  "esp-dirty": true,
  "esp-read-only": true,
  "esp-almost-full": true,
  "system-almost-full": true,
  "left-over": true,
  "recovered-file": true,
  republished: true,
  withdrawn: true,
  unproven: true,
  unvouched: true,
  adopted: true,
  "boot-found-bad": true,
  "fell-back": true,
  "unproven-version": true,
  "foreign-entry": true,
  "unknown-running-version": true,
};

test("Every finding says what, and what to do, in words", () => {
  for (const code of Object.keys(codes) as FindingCode[]) {
    const { sentence, remedy, severity } = finding(code, "SUBJECT", "DETAIL");
    assert.match(sentence, /^[A-Z/][^.]*[^. ]$/, code);
    assert.ok(severity === "info" || remedy.length > 10, code);
  }
  assert.equal(
    finding("entry-without-image", "os_2.efi", "/system/os_2.erofs").sentence,
    "The boot entry os_2.efi needs something that is not there: /system/os_2.erofs",
  );
});
