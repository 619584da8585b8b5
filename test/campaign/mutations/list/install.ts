// What can be taken away where resources get their names (src/agent/install).
import { of, type Removal } from "../removal.ts";

const byRealPrograms = {
  file: "src/agent/image-install/durable.test.ts",
  because: "an empty disk is filled by real programs: the simulated world has no mkfs and no sfdisk",
} as const;

const ontoDisk: readonly Removal[] = [
  ...of("agent/image-install/target.ts", [
    {
      kind: "flush",
      what: "the flush of the blank ends of a disk before it is called unfinished",
      unitTest: byRealPrograms,
      from: "await file.write(sizeBytes - edge.length, edge);\n  await flush(file);",
      to: "await file.write(sizeBytes - edge.length, edge);",
    },
    {
      kind: "flush",
      what: "the flush of the mark that a disk is unfinished",
      unitTest: byRealPrograms,
      from: "await file.write(sectorBytes, toBytes(unfinishedMark));\n  await flush(file);",
      to: "await file.write(sectorBytes, toBytes(unfinishedMark));",
    },
    {
      kind: "flush",
      what: "the flush of the name of a new image of a disk",
      unitTest: byRealPrograms,
      from: "await disk.syncFolder(folderOf(path));",
      to: "",
    },
  ]),
  ...of("agent/image-install/write-parts.ts", [
    {
      kind: "flush",
      what: "the flush of what the partitions of a new disk hold",
      unitTest: byRealPrograms,
      from: "await flush(target);",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of the partition table of a new disk",
      unitTest: byRealPrograms,
      from: "await flush(open);",
      to: "",
    },
  ]),
];

export const installRemovals: readonly Removal[] = [
  ...of("agent/install/install.ts", [
    {
      kind: "flush",
      what: "the flush between a removal on FAT and the new file of that name",
      scenario: "repair of a damaged entry behind gaps in its folder",
      from: `await disk.remove(to);
    await disk.syncFolder(folder);`,
      to: "await disk.remove(to);",
    },
    {
      kind: "order",
      what: "on FAT the old file goes first and no file takes the name of another",
      unitTest: {
        file: "src/agent/install/read-back.test.ts",
        because:
          "in the model every outcome of either is mended by fsck.fat and a second repair; the order keeps to what the model says of FAT",
      },
      from: `else if ((await disk.fileSystem(folder)).type === "vfat") {`,
      to: `else if (folder === "") {`,
    },
    {
      kind: "flush",
      what: "the flush of the name of a file that takes the place of another",
      scenario: "update over a damaged image of which nothing is recorded",
      from: `await disk.replace(from, to);
    await disk.syncFolder(folder);`,
      to: "await disk.replace(from, to);",
    },
    {
      kind: "flush",
      what: "the flush of the folder that a file came from",
      scenario: "v1 to v2, images in folders of their own",
      from: "if (folderOf(from) !== folder) await disk.syncFolder(folderOf(from));",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of a file's mode and time before its name",
      scenario: "v1 to v2, and what is told of it",
      from: "await flush(file);",
      to: "",
    },
    {
      kind: "order",
      what: "an old tree of the same name goes first",
      scenario: "repair of a tree that is damaged and in use",
      from: `await discardTree(session, path);
  await makeFolders`,
      to: "await makeFolders",
    },
    {
      kind: "flush",
      what: "the flush of a tree's final name",
      scenario: "v1 to v2, trees that are copied from a folder, with a link elsewhere",
      from: `await disk.rename(request.stagingPath, path);
  await disk.syncFolder(folderOf(path));`,
      to: "await disk.rename(request.stagingPath, path);",
    },
    {
      kind: "flush",
      what: "the flush of the folder that a tree came from",
      scenario: "v1 to v2, trees that are copied into folders of their own, with a link elsewhere",
      from: "if (folderOf(request.stagingPath) !== folderOf(path)) await disk.syncFolder(folderOf(request.stagingPath));",
      to: "",
    },
    {
      kind: "comparison",
      what: "comparing what the medium returns with what was written to it",
      scenario: "the medium returns other bytes of an image than were written",
      from: "if (!sameContent(now, request.content)) {",
      to: `if (now.sha256 === "") {`,
    },
    {
      kind: "flush",
      what: "the flush of the link's folder",
      scenario: "v1 to v2, trees with a link",
      from: `await disk.replace(temporary, symlink);
  await disk.syncFolder(folder);`,
      to: "await disk.replace(temporary, symlink);",
    },
    {
      kind: "order",
      what: "the link is swapped in one step",
      scenario: "v1 to v2, trees with a link that is always there",
      from: `await disk.symlink(text, temporary);
  await disk.replace(temporary, symlink);`,
      to: `if (now !== undefined) await disk.remove(symlink);
  await disk.symlink(text, symlink);`,
    },
    {
      kind: "order",
      what: "a slot is published after it was filled",
      scenario: "v1 to v2, two slots",
      from: "return publishSlot(session, request.transfer, request.offer, place);",
      to: "return;",
    },
  ]),
  ...of("agent/install/install.ts", [
    {
      kind: "refusal",
      what: "taking an entry away whose bytes are not what was written",
      scenario: "the medium returns other bytes of an entry than were written",
      from: `await takeAwayEntry(session, request);
    throw otherBytes`,
      to: "throw otherBytes",
    },
    {
      kind: "read-back",
      what: "reading an entry back before it has its name",
      unitTest: {
        file: "src/agent/install/read-back.test.ts",
        because:
          "it takes a medium that turns a byte into another while power is cut as well; the faults of the simulator see it",
      },
      from: "  await readBackEntry(session, request);\n",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush after such an entry was taken away",
      scenario: "the medium returns other bytes of an entry than were written",
      from: "await disk.syncFolder(folderOf(place.path));",
      to: "",
    },
  ]),
  ...of("agent/install/install-database.ts", [
    {
      kind: "flush",
      what: "the flush of what cleanup will look for",
      scenario: "v1 to v2, and what is told of it",
      from: "if (isNew) await disk.syncFolder(folder);",
      to: "",
    },
  ]),
  ...ontoDisk,
];
