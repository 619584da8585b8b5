// What can be taken away where entries are renamed, removed and guarded (src/agent/install: ESP, clearing).
import { of, type Removal } from "../removal.ts";

const guard: readonly Removal[] = [
  ...of("agent/install/settle.ts", [
    {
      kind: "order",
      what: "a FAT volume in doubt is checked before anything on it is touched",
      scenario: "v1 to v2, images on ext4",
      from: "const repaired = await settleVolumes(session, before);",
      to: "const repaired = false;",
    },
    {
      kind: "order",
      what: "of two names of one entry one goes before anything else is done",
      scenario: "rollback from v2 to v1",
      from: "if (twinGroups(observation).length > 0) {",
      to: "if (twinGroups(observation).length < 0) {",
    },
    {
      kind: "memory",
      what: "marking that the ESP is being changed while one of two names goes",
      scenario: "repair of two names of one entry",
      from: `await openEsp(session, observation);
    await dropTwins`,
      to: "await dropTwins",
    },
    {
      kind: "order",
      what: "removing what a power cut left in the state folder",
      scenario: "v1 to v2, images on ext4",
      from: "const forgotten = await tidyState(session, observation);",
      to: "const forgotten = false;",
    },
  ]),
  ...of("agent/install/esp-guard.ts", [
    {
      kind: "comparison",
      what: "remembering that a change of the ESP was cut off",
      scenario: "a piece of an update that was cut off lies on the ESP",
      from: `if (await wasCutOff(session)) reasons.push("an earlier change to it was cut off");`,
      to: "",
    },
    {
      kind: "comparison",
      what: "noticing two names of one entry",
      unitTest: {
        file: "src/agent/install/esp-guard.test.ts",
        because: "in the simulated world they come with a dirty volume, and either sign suffices",
      },
      from: "for (const twins of twinGroups(observation))",
      to: "for (const twins of twinGroups(observation).slice(0, 0))",
    },
    {
      kind: "comparison",
      what: "asking the volume itself whether it is dirty",
      scenario: "v1 to v2 on an ESP that someone else left dirty",
      from: `if (health.kind === "dirty") reasons.push(...health.findings);`,
      to: "",
    },
    {
      kind: "comparison",
      what: "telling a kill from a power cut",
      scenario: "v1 to v2 after a kill, while someone else reads on the ESP",
      from: "return marker?.bootId === undefined || marker.bootId !== (await process.bootId());",
      to: "return marker !== null || process === undefined;",
    },
    {
      kind: "refusal",
      what: "refusing to go on with a volume that stays damaged",
      scenario: "v1 to v2 on an ESP that no check mends",
      from: `if (health.kind === "dirty") {`,
      to: `if (health.kind === undefined) {`,
    },
    {
      kind: "comparison",
      what: "sparing recovered pieces that were there before",
      scenario: "someone else's recovered pieces on the ESP",
      from: "if (marker.recovered.includes(path)) continue;",
      to: "",
    },
    {
      kind: "order",
      what: "removing the recovered pieces of a change that was cut off",
      scenario: "v1 to v2, images on ext4",
      from: "await removeOwnPieces(session, observation);\n",
      to: "\n",
    },
    {
      kind: "flush",
      what: "the flush of the removal of recovered pieces",
      scenario: "a piece of an update that was cut off lies on the ESP",
      from: `await removeIfThere(disk, path);
    await disk.syncFolder(folderOf(path));`,
      to: "await removeIfThere(disk, path);",
    },
    {
      kind: "memory",
      what: "marking that the ESP is about to be changed",
      scenario: "v1 to v2, images on ext4",
      from: "await writeDurably(disk, entropy, markerPath(session), ",
      to: "void (disk, entropy, ",
    },
    {
      kind: "order",
      what: "taking the mark away when the changes of the ESP are flushed",
      scenario: "v1 to v2, and what is told of it",
      from: `await removeIfThere(session.machine.disk, markerPath(session));
  await session.machine.disk.syncFolder`,
      to: "await session.machine.disk.syncFolder",
    },
    {
      kind: "flush",
      what: "the flush of the removal of that mark",
      scenario: "v1 to v2, and what is told of it",
      from: "await session.machine.disk.syncFolder(stateFolder(session));",
      to: "",
    },
  ]),
  ...of("agent/install/esp-guard.ts", [
    {
      kind: "flush",
      what: "the flush of what a run that gave up did on the ESP",
      scenario: "the server sends a wrong byte of an entry, and the update gives up",
      from: `if (volumes.has(fileSystem) && (await disk.stat(folder))?.kind === "folder") await disk.syncFolder(folder);`,
      to: "",
    },
  ]),
  ...of("agent/install/drop-twins.ts", [
    {
      kind: "refusal",
      what: "leaving two names alone on a volume that is not known to be clean",
      scenario: "two names of one entry on an ESP of which nobody knows how it is",
      from: `!== "clean") return;`,
      to: `=== undefined) return;`,
    },
    {
      kind: "comparison",
      what: "comparing the bytes under two names of one entry",
      scenario: "two names of one entry with other bytes each",
      from: "if (digests.size > 1) return;",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush after one of two names was removed",
      scenario: "repair of two names of one entry",
      from: "await disk.syncFolder(folderOf(entry.path));",
      to: "",
    },
    {
      kind: "order",
      what: "giving the good name back to the bytes that lost it",
      scenario: "power cut while the loader counted v2, which left both names",
      from: "if (worthiest !== holder && worthiest.tries === undefined) await renameEntry(session, holder, worthiest.fileName);",
      to: "",
    },
  ]),
];

const rename: readonly Removal[] = of("agent/install/rename-entry.ts", [
  {
    kind: "order",
    what: "a copy of the entry has the new name before the old one goes",
    scenario: "rollback from v2 to v1",
    from: "if (!(await renameByCopy(session, entry, path))) await renameFile(session, entry.path, path);",
    to: "await renameFile(session, entry.path, path);",
  },
  {
    kind: "order",
    what: "an old half of a copy goes before a new copy is made",
    scenario: "half of a copy lies on the ESP, and the good name of an entry is empty",
    from: `await disk.remove(copy);
    // Gone for sure`,
    to: "// Gone for sure",
  },
  {
    kind: "flush",
    what: "the flush of that removal before its name is used again",
    scenario: "half of a copy lies on the ESP, and the good name of an entry is empty",
    from: `are the same fsck.fat makes FSCK0000.REN.
    await disk.syncFolder(folder);`,
    to: "",
  },
  {
    kind: "order",
    what: "removing the half of a copy for which there was no room",
    scenario: "the ESP fills while an entry is copied to its other name",
    from: `await removeIfThere(disk, copy);
    return false;`,
    to: "return false;",
  },
  {
    kind: "read-back",
    what: "reading the copy of an entry back before it takes the name",
    scenario: "the copy of an entry does not read back as it was written",
    from: "if ((await digestOf(session, copy)) !== (await digestOf(session, entry.path))) {",
    to: `if (copy === "") {`,
  },
  {
    kind: "flush",
    what: "the flush of the copy of an entry",
    scenario: "going back to a version that is on its last try",
    from: "await target.sync();",
    to: "",
  },
  {
    kind: "flush",
    what: "the flush after an entry was renamed",
    scenario: "rollback from v2 to v1",
    from: `await disk.remove(entry.path);
  await disk.syncFolder(folder);`,
    to: "await disk.remove(entry.path);",
  },
  {
    kind: "refusal",
    what: "refusing to rename an entry over another",
    unitTest: {
      file: "src/agent/install/rename-entry.test.ts",
      because: "the disk itself refuses a moment later; only the hint is better",
    },
    from: "if ((await disk.stat(path)) !== undefined) {",
    to: "if (path === undefined) {",
  },
  {
    kind: "read-back",
    what: "looking whether exactly the new name is there",
    scenario: "someone takes a renamed entry away",
    from: "if (old !== undefined || renamed?.sizeBytes !== entry.sizeBytes) {",
    to: "if (old === null) {",
  },
]);

const renames: readonly Removal[] = of("agent/install/rename-file.ts", [
  {
    kind: "flush",
    what: "the flush of a renamed file on FAT before its folder",
    scenario: "v1 to v2, images in folders of their own",
    from: "await file.sync();",
    to: "",
  },
  {
    kind: "flush",
    what: "the flush of a file's final name",
    scenario: "v1 to v2, images in folders of their own",
    from: "await disk.syncFolder(folder);",
    to: "",
  },
]);

const folders: readonly Removal[] = of("agent/install/empty-folders.ts", [
  {
    kind: "flush",
    what: "the flush after an emptied folder was removed",
    scenario: "v2 to v3, v1 goes, addons beside the UKI",
    from: "await disk.syncFolder(folderOf(folder));",
    to: "",
  },
]);

const clear: readonly Removal[] = of("agent/install/clear.ts", [
  {
    kind: "flush",
    what: "the flush of a removal before the next thing goes",
    scenario: "v2 to v3, v1 goes, images on ext4",
    from: "await disk.syncFolder(folder);",
    to: "",
  },
  {
    kind: "order",
    what: "emptied folders go with their last file",
    scenario: "v2 to v3, v1 goes, addons beside the UKI",
    from: "if (top !== undefined) await removeEmptyFolders(session, folder, top);",
    to: "",
  },
  {
    kind: "memory",
    what: "forgetting a version that is gone",
    scenario: "v2 to v3, v1 goes, images on ext4",
    from: "if (whole) await forgetVersion(session, removal.version);",
    to: "",
  },
]);

export const espRemovals: readonly Removal[] = [...guard, ...rename, ...renames, ...folders, ...clear];
