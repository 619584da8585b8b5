// What can be taken away where resources are brought in (src/agent/acquire).
import { of, type Removal } from "../removal.ts";

export const acquireRemovals: readonly Removal[] = [
  ...of("agent/acquire/begin.ts", [
    {
      kind: "flush",
      what: "the flush of a download's hidden name before anything goes to make room",
      open: true,
      why: "it asks a file system whether it takes a file at all, which btrfs says when it is flushed; the simulated ones say so before",
      from: "await disk.syncFolder(folderOf(path));",
      to: "",
    },
  ]),
  ...of("agent/acquire/acquire.ts", [
    {
      kind: "flush",
      what: "the flush of a download's hidden name",
      scenario: "v2 is brought in, and installed later",
      from: "if (!there) await disk.syncFolder(folderOf(path));",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of a download that was cut to its size",
      scenario: "more than all of a download is kept, and the server tells no size",
      from: "await flush(file);",
      to: "",
    },
    {
      kind: "comparison",
      what: "comparing what an earlier run had brought with its digest",
      scenario: "other bytes lie under the hidden name of a download",
      from: "return sha256 === offer.sha256 ? {",
      to: "return sha256.length > 0 ? {",
    },
    {
      kind: "order",
      what: "a slot is marked as partial before it is written",
      scenario: "v1 to v2, two slots, and what was flushed is not fetched again",
      from: `await markSlot(session, transfer, offer, destination.place);
  const kept`,
      to: "const kept",
    },
    {
      kind: "order",
      what: "half an unpacked tree goes before it is unpacked again",
      scenario: "v1 to v2, trees with a link",
      from: `await removeTree(session, staging.path);
  const sha256 = await withProvenFile(`,
      to: "const sha256 = await withProvenFile(",
    },
    {
      kind: "order",
      what: "half of what was decompressed goes before it is decompressed again",
      scenario: "v1 to v2, packed images",
      from: "await removeIfThere(disk, stagingPath);",
      to: "",
    },
    {
      kind: "comparison",
      what: "comparing the size that comes out with the one in the name",
      scenario: "the name of an image says a wrong size of what comes out",
      from: "|| content.sizeBytes === said) return acquired;",
      to: "|| content.sizeBytes > 0) return acquired;",
    },
  ]),
  ...of("agent/acquire/download-resource.ts", [
    {
      kind: "comparison",
      what: "comparing what was downloaded with its digest",
      scenario: "the server sends a wrong byte",
      from: "if (offer.sha256 === undefined || sha256 === offer.sha256)",
      to: "if (sha256.length > 0)",
    },
    {
      kind: "comparison",
      what: "comparing where the server begins with where it was asked to",
      unitTest: {
        file: "src/agent/acquire/download-resource.test.ts",
        because: "the digest catches it, at the price of a second download",
      },
      from: "if (stream.startsAt !== writer.position) {",
      to: "if (stream.startsAt > 2 ** 50) {",
    },
  ]),
  ...of("agent/acquire/partial.ts", [
    {
      kind: "comparison",
      what: "comparing a partial with the resource and the slot that it is to be of",
      unitTest: {
        file: "src/agent/acquire/partial.test.ts",
        because: "the digest catches it, at the price of a second download",
      },
      from: "partial.sha256 === digest && samePlace(partial.place, place) ? partial.bytes : 0",
      to: "partial.bytes > 0 ? partial.bytes : 0",
    },
  ]),
  ...of("agent/acquire/piece-writer.ts", [
    {
      kind: "flush",
      what: "the flush of what is written to a file or a slot",
      scenario: "v1 to v2, two slots",
      from: "await flush(this.#file);",
      to: "",
    },
    {
      kind: "flush",
      what: "the last flush of a download",
      scenario: "v1 to v2, two slots",
      from: "await this.#flush(this.#written);",
      to: "await this.#onFlushed(this.#written);",
    },
    {
      kind: "order",
      what: "bytes are flushed before it is noted that they are",
      scenario: "v1 to v2, two slots, and what was flushed is not fetched again",
      from: `await flush(this.#file);
    await this.#onFlushed(done);`,
      to: `await this.#onFlushed(done);
    await flush(this.#file);`,
    },
  ]),
  ...of("agent/acquire/tree.ts", [
    {
      kind: "flush",
      what: "the flush of a file of a tree",
      scenario: "v1 to v2, trees with a link",
      from: "await file.sync();",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of a folder of a tree",
      scenario: "v1 to v2, trees with a link",
      from: "await disk.syncFolder(folder);",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of a tree's new hidden name before its files go",
      scenario: "v2 to v3, v1 goes, trees with a link",
      from: `await disk.syncFolder(folderOf(path));
  await removeTree(session, aside);`,
      to: "await removeTree(session, aside);",
    },
    {
      kind: "order",
      what: "a tree loses its name before it loses its files",
      scenario: "v2 to v3, v1 goes, trees with a link",
      from: `await disk.rename(path, aside);
  await disk.syncFolder(folderOf(path));
  await removeTree(session, aside);`,
      to: "await removeTree(session, path);",
    },
    {
      kind: "flush",
      what: "the flush after a tree was removed",
      scenario: "cleanup of a tree that no definition owns any more",
      from: `await disk.removeSubvolume(path);
  await disk.syncFolder(folderOf(path));`,
      to: "await disk.removeSubvolume(path);",
    },
    {
      kind: "read-back",
      what: "reading a tree's files from the medium instead of the cache",
      scenario: "the medium returns other bytes of a tree than were written",
      from: `await using file = await session.machine.disk.open(path, "medium");`,
      to: `await using file = await session.machine.disk.open(path, "read");`,
    },
  ]),
];
