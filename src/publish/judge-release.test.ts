import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256, parseUuid, parseVersion } from "../base/ids.ts";
import { parseTransfer, type Transfer } from "../format/definitions.ts";
import { tinyErofs } from "../format/erofs/tiny-erofs.fixture.ts";
import { readErofsSuperblock } from "../format/erofs/superblock.ts";
import { bytesReader } from "../format/pe.fixture.ts";
import { partitionTypeNamed } from "../format/partition-types.ts";
import type { IndexedRelease } from "../format/release-files.ts";
import { judgePublished, judgeRelease } from "./judge-release.ts";
import type { EntryFacts, PayloadFacts, ReleaseRequest } from "./release-facts.ts";

const version = parseVersion("5");
const erofs = await readErofsSuperblock(bytesReader(tinyErofs(new Uint8Array(100))));
const digest = parseSha256("ab".repeat(32));

function transfer(id: string, pattern: string, target: string): Transfer {
  const text = `[Source]\nType=url-file\nPath=http://a/os\nMatchPattern=${pattern}\n\n[Target]\n${target}\n`;
  return parseTransfer(id, [{ path: `/etc/sysupdate.d/${id}.transfer`, text }], {}).transfer;
}

const imageTransfer = transfer("20-image", "os_@v.erofs", "Type=regular-file\nPath=/system\nMatchPattern=os_@v.erofs");
const entryTransfer = transfer(
  "30-entry",
  "os_@v.efi",
  "Type=regular-file\nPath=/EFI/Linux\nPathRelativeTo=boot\nMatchPattern=os_@v+@l-@d.efi os_@v.efi",
);
const transfers = [imageTransfer, entryTransfer];

const image = (more: Partial<PayloadFacts> = {}): PayloadFacts => ({
  name: "os_5.erofs",
  sizeBytes: 8192,
  erofs,
  system: { version: "5", architecture: "x86-64" },
  ...more,
});
const entry = (facts: Partial<EntryFacts> = {}, more: Partial<PayloadFacts> = {}): PayloadFacts => ({
  name: "os_5.efi",
  sizeBytes: 2048,
  entry: {
    architecture: "x86-64",
    shown: true,
    version: "5",
    commandLine: "quiet holdfast.usr=/system/os_5.erofs",
    ...facts,
  },
  initrd: { kind: "has-parts" },
  ...more,
});

function released(text: string, state: "offered" | "withdrawn" = "offered"): IndexedRelease {
  const file = { name: `os_${text}.erofs`, sizeBytes: 1, sha256: digest };
  return {
    version: parseVersion(text),
    state,
    name: `releases/${text}.json`,
    sizeBytes: 1,
    sha256: digest,
    files: [file],
  };
}

function judged(files: readonly PayloadFacts[], more: Partial<ReleaseRequest> = {}): ReturnType<typeof judgeRelease> {
  const published = { serial: 1, created: "", expires: "", releases: [released("4")] };
  const request = { version, files, transfers: undefined, published, staged: [], withoutInitrdParts: false, ...more };
  return judgeRelease(request);
}

function codes(files: readonly PayloadFacts[], more: Partial<ReleaseRequest> = {}): readonly string[] {
  const refusals = judged(files, more);
  for (const { message, hint, kind } of refusals) {
    assert.match(message, /^Cannot add .+: /);
    assert.ok(hint !== undefined && kind === "refused");
  }
  return refusals.map(({ code }) => code);
}

test("a good release is taken, with definitions and without", () => {
  assert.deepEqual(codes([image(), entry()]), []);
  assert.deepEqual(codes([image(), entry()], { transfers }), []);
});

test("a version goes up only, also above what was withdrawn or is staged", () => {
  const published = (...releases: readonly IndexedRelease[]): Partial<ReleaseRequest> => ({
    published: { serial: 1, created: "", expires: "", releases },
  });
  const files = [image(), entry()];
  assert.deepEqual(codes(files, published()), []);
  assert.deepEqual(codes(files, published(released("5"))), ["version-not-newer"]);
  assert.deepEqual(codes(files, published(released("10"), released("4"))), ["version-not-newer"]);
  assert.deepEqual(codes(files, published(released("6", "withdrawn"))), ["version-not-newer"]);
  assert.deepEqual(codes(files, { staged: [parseVersion("6")] }), ["version-not-newer"]);
  assert.deepEqual(codes(files, { staged: [version] }), []);
  const said = (...releases: readonly IndexedRelease[]): readonly string[] =>
    judged(files, published(...releases)).map(({ message }) => message);
  assert.deepEqual(said(released("5")), ["Cannot add 5: 5 is published already"]);
  assert.deepEqual(said(released("5", "withdrawn")), ["Cannot add 5: 5 was published and withdrawn already"]);
  assert.deepEqual(said(released("6")), ["Cannot add 5: 6 is published, and 5 is not newer"]);
  const dots = { name: "os_...erofs", sizeBytes: 1 };
  assert.ok(codes([dots], { version: parseVersion(".."), ...published() }).includes("version-no-name"));
});

test("a resource that is missing is missed", () => {
  assert.deepEqual(codes([image()]), ["resource-missing"]);
  assert.deepEqual(codes([entry()]), ["resource-missing"]);
  assert.deepEqual(codes([image()], { transfers }), ["resource-missing"]);
  assert.deepEqual(codes([image()], { transfers: [imageTransfer] }), []);
});

test("names that machines would mistake are refused", () => {
  const extra = (name: string): PayloadFacts => ({ name, sizeBytes: 1 });
  const greedy = transfer("25-all", "os_@v.erofs", "Type=regular-file\nPath=/other\nMatchPattern=os_@v.erofs");
  const double = transfer(
    "20-image",
    "os_@v.erofs os_@v.img",
    "Type=regular-file\nPath=/system\nMatchPattern=os_@v.erofs",
  );
  assert.deepEqual(codes([image(), entry(), image()]), ["name-taken-twice"]);
  assert.deepEqual(codes([image(), entry()], { transfers: [...transfers, greedy] }), ["name-taken-twice"]);
  assert.deepEqual(codes([image(), entry(), extra("os_5.img")], { transfers: [double, entryTransfer] }), [
    "name-taken-twice",
  ]);
  assert.deepEqual(codes([image(), entry(), extra("os_4.erofs")], { transfers }), [
    "name-of-other-version",
    "name-taken-twice",
  ]);
  assert.deepEqual(codes([image(), entry(), extra("notes.txt")]), ["name-without-version"]);
  // It has the version in its name.
  assert.deepEqual(codes([image(), entry(), extra("SHA256SUMS")]), ["name-not-plain"]);
  for (const name of ["os%_5.x", "os\\_5.x", "os\n_5.x", ".os_5.x", `5${"x".repeat(1024)}`])
    assert.deepEqual(codes([image(), entry(), extra(name)]), ["name-not-plain"], name);
  // Two of them are the name of a delta, which a file system has to take.
  const long = (bytes: number): string => `ü_5.${"x".repeat(bytes - 5)}`;
  assert.deepEqual(codes([image(), entry(), extra(long(120))]), []);
  assert.deepEqual(codes([image(), entry(), extra(long(121))]), ["name-too-long"]);
  // March 2026: the index was taken for the image.
  assert.deepEqual(codes([image(), entry(), extra("os_5.erofs.caibx")]), ["name-begins-like"]);
});

test("a file that is damaged by itself is refused", () => {
  const damage = { code: "pe-truncated", why: "it ends within its section .linux" };
  assert.deepEqual(codes([image(), entry({}, { damage })]), ["file-damaged"]);
});

test("an entry for another version, machine or image does not start this release", () => {
  assert.deepEqual(codes([image(), entry({ version: "4" })]), ["entry-other-version"]);
  assert.deepEqual(codes([image(), entry({ version: undefined })]), []);
  assert.deepEqual(codes([image(), entry({ architecture: "arm64" })]), ["entry-other-architecture"]);
  assert.deepEqual(codes([image({ system: { version: "4", architecture: "x86-64" } }), entry()]), [
    "image-other-version",
  ]);
  for (const commandLine of [
    "holdfast.usr=/system/os_4.erofs",
    "root=/dev/x systemd.image=/a/os_5.1.erofs",
    "systemd.verity_usr_data=PARTLABEL=os_4",
    "systemd.verity_usr_hash=PARTLABEL=os_4_verity",
  ])
    assert.deepEqual(codes([image(), entry({ commandLine })]), ["entry-other-image"], commandLine);
  for (const commandLine of [
    "quiet",
    "systemd.verity_usr_data=PARTLABEL=os_5 systemd.verity_usr_hash=PARTLABEL=os_5_verity",
    "os_debug=1 root=PARTLABEL=holdfast-system",
  ])
    assert.deepEqual(codes([image(), entry({ commandLine })]), [], commandLine);
});

test("an image is found by the patterns of its target too", () => {
  const renamed = transfer("20-image", "os_@v.erofs", "Type=regular-file\nPath=/system\nMatchPattern=root-@v.img");
  const commandLine = "root=/system/root-4.img";
  assert.deepEqual(codes([image(), entry({ commandLine })], { transfers: [renamed, entryTransfer] }), [
    "entry-other-image",
  ]);
});

test("slots of another machine take no image of this one", () => {
  const slot = transfer(
    "20-image",
    "os_@v.erofs",
    "Type=partition\nPath=auto\nMatchPattern=os_@v\nMatchPartitionType=usr",
  );
  const type = partitionTypeNamed("usr-arm64-verity", undefined) ?? parseUuid("0".repeat(32));
  const arm = { ...slot, target: { ...slot.target, partitionType: type } };
  assert.deepEqual(codes([image(), entry()], { transfers: [arm, entryTransfer] }), ["entry-other-architecture"]);
});

test("verity hashes have to be those of the entry, and as many as the image has blocks for", () => {
  const verity = (rootHash: string, dataBytes = 8192): PayloadFacts => ({
    name: "os_5.verity",
    sizeBytes: 8192,
    verity: { rootHash, dataBytes },
  });
  const commandLine = `usrhash=${"ab".repeat(32)}`;
  assert.deepEqual(codes([image(), entry({ commandLine }), verity("ab".repeat(32))]), []);
  assert.deepEqual(codes([image(), entry({ commandLine }), verity("cd".repeat(32))]), ["entry-other-hash"]);
  assert.deepEqual(codes([image(), entry({ commandLine }), verity("ab".repeat(32), 4096)]), ["verity-other-size"]);
});

test("an initrd in which a failed boot hangs is refused, unless somebody insists", () => {
  const files = [image(), entry({}, { initrd: { kind: "lacks-parts", what: "usr/lib/holdfast" } })];
  assert.deepEqual(codes(files), ["initrd-without-parts"]);
  assert.deepEqual(codes(files, { withoutInitrdParts: true }), []);
  assert.deepEqual(codes([image(), entry({}, { initrd: { kind: "unknown", why: "it is packed" } })]), []);
});

test("what goes where entries go and is shown by no loader is refused", () => {
  assert.deepEqual(codes([image(), entry({ shown: false })], { transfers }), ["entry-lacks-image"]);
});

test("a name that is published has the bytes that are published", () => {
  const published = { serial: 1, created: "", expires: "", releases: [released("4")] };
  const file = (sha256: string) => [
    { name: "os_4.erofs", sizeBytes: 1, sha256: parseSha256(sha256), content: { sizeBytes: 1, sha256: digest } },
  ];
  assert.equal(judgePublished(version, file("cd".repeat(32)), published)?.code, "published-otherwise");
  assert.equal(judgePublished(version, file(digest), published), undefined);
});
