// What can be taken away where a release is staged: chunks and deltas made, and the store of chunks.
import { of, type Removal } from "../removal.ts";

export const stageRemovals: readonly Removal[] = [
  ...of("publish/staging.ts", [
    {
      kind: "flush",
      what: "the flush of the names of staged files",
      scenario: "publishing: add",
      from: '    if (kind === "folder") await syncFolders(publisher, `${folder}/${name}`);\n  await disk.syncFolder(folder);',
      to: '    if (kind === "folder") await syncFolders(publisher, `${folder}/${name}`);',
    },
    {
      kind: "order",
      what: "a staged release has its record last",
      scenario: "publishing: add",
      from: `await syncFolders(publisher, \`\${folder}/files\`);
  await writeOwn(publisher, recordPath(publisher, record.version), \`\${JSON.stringify(record)}\\n\`);`,
      to: `await writeOwn(publisher, recordPath(publisher, record.version), \`\${JSON.stringify(record)}\\n\`);
  await syncFolders(publisher, \`\${folder}/files\`);`,
    },
    {
      kind: "order",
      what: "the record of a staged release goes before its files",
      scenario: "publishing: withdraw what is staged, then add it again",
      from: `await removeIfThere(disk, recordPath(publisher, version));
  await disk.syncFolder(folder);
  await removeTree(disk, folder);`,
      to: `await removeTree(disk, \`\${folder}/files\`);
  await removeTree(disk, folder);`,
    },
    {
      kind: "flush",
      what: "the flush of the removal of a staged record before its files go",
      scenario: "publishing: withdraw what is staged, then add it again",
      from: `await disk.syncFolder(folder);
  await removeTree(disk, folder);`,
      to: "await removeTree(disk, folder);",
    },
    {
      kind: "flush",
      what: "the flush of the removal of a staging",
      scenario: "publishing: withdraw what is staged",
      from: "await disk.syncFolder(stagingFolder(publisher));",
      to: "",
    },
    {
      kind: "order",
      what: "what an interrupted add left goes",
      scenario: "publishing: withdraw what is staged",
      from: "if ((await disk.stat(recordPath(publisher, version))) === undefined) await dropStaging(publisher, version);",
      to: "if ((await disk.stat(recordPath(publisher, version))) === undefined) continue;",
    },
    {
      kind: "flush",
      what: "the flush of the places of a release before the index names them",
      scenario: "publishing: commit",
      from: "for (const folder of touched) if ((await disk.resolve(folder)) !== undefined) await disk.syncFolder(folder);",
      to: "",
    },
    {
      kind: "order",
      what: "flushing also where an earlier run moved",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "a run that ends without a power cut, and a power cut after the next one",
      },
      from: "for (const { name } of files) touched.add(folderOf(`${publisher.folder}/${name}`)).add(folderOf(`${staged}/${name}`));",
      to: "",
    },
    {
      kind: "read-back",
      what: "reading a release back in its places",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "it was read back when it was staged, and the simulated media do no harm to what is at rest",
      },
      from: "await demandOnMedium(publisher, `${publisher.folder}/${file.name}`, file);",
      to: "",
    },
    {
      kind: "comparison",
      what: "comparing a staged manifest with its record",
      unitTest: {
        file: "src/publish/repository.test.ts",
        because: "nobody else writes into the staging of the simulated worlds",
      },
      from: "if (bytes === undefined || hasher.finish() !== manifest.sha256) throw damaged(version, manifest.name);",
      to: "if (bytes === undefined) throw damaged(version, manifest.name);",
    },
    {
      kind: "comparison",
      what: "comparing a file that is in the way with the one that is to come",
      unitTest: { file: "src/publish/publish.test.ts", because: "nobody else writes into the simulated repository" },
      from: `if (!to.endsWith(".cacnk") && ours?.sha256 !== theirs?.sha256)`,
      to: `if (ours?.sha256 === "")`,
    },
  ]),
  ...of("publish/prepare-chunks.ts", [
    {
      kind: "flush",
      what: "the flush of a pack of chunks",
      scenario: "publishing: add",
      from: "for (const file of this.#open) await file.sync();",
      to: "",
    },
    {
      kind: "read-back",
      what: "reading back a pack of chunks",
      scenario: "publishing: add",
      faults: true,
      from: "    for (const pack of added)\n      await demandOnMedium(this.#publisher, stagedPath(this.#publisher, this.#version, pack.name), pack);\n",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of the names in the store of chunks",
      scenario: "publishing: add",
      from: "await store?.flush();",
      to: "",
    },
  ]),
  ...of("publish/prepare-deltas.ts", [
    {
      kind: "flush",
      what: "the flush of a delta",
      scenario: "publishing: add of a delta",
      from: `  await file.sync();
  return made;`,
      to: "  return made;",
    },
    {
      kind: "read-back",
      what: "reading back a delta",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "a scenario that makes a delta makes it anew when it is run again",
      },
      from: "  await demandOnMedium(publisher, path, made);\n",
      to: "",
    },
  ]),
  ...of("delta/chunk/chunk-store.ts", [
    {
      kind: "flush",
      what: "the flush of a chunk of the store",
      scenario: "publishing: add",
      from: "await file.sync();",
      to: "",
    },
    {
      kind: "comparison",
      what: "comparing a chunk of the store with what was written",
      scenario: "publishing: add",
      faults: true,
      from: "if (Buffer.compare(found, stored) !== 0) {",
      to: "if (found.length !== stored.length) {",
    },
    {
      kind: "order",
      what: "a chunk of the store gets its name when it is whole",
      scenario: "publishing: add",
      from: "const staging = `${folder}/.${nameOf(id)}`;",
      to: "const staging = place;",
    },
    {
      kind: "flush",
      what: "the flush of a folder of the store",
      scenario: "publishing: add",
      from: "for (const folder of folders) await this.#disk.syncFolder(folder);",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of the names of the folders of the store",
      scenario: "publishing: add",
      from: "if (folders.length > 0) await this.#disk.syncFolder(this.#folder);",
      to: "",
    },
    {
      kind: "order",
      what: "flushing also what an earlier run has written to the store",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "a run that ends without a power cut, and a power cut after the next one",
      },
      from: "this.#unflushed.add(folderOf(`${this.#folder}/${path}`));",
      to: "",
    },
  ]),
];
