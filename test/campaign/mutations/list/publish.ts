// What can be taken away where releases are published (src/publish).
import { of, type Removal } from "../removal.ts";

export const publishRemovals: readonly Removal[] = [
  ...of("publish/files.ts", [
    {
      kind: "flush",
      what: "the flush of a file that is published or staged",
      scenario: "publishing: add",
      from: `    await file.sync();
  }
  const written`,
      to: `  }
  const written`,
    },
    {
      kind: "read-back",
      what: "reading back a file that is published or staged",
      scenario: "publishing: add",
      faults: true,
      from: "  await demandOnMedium(publisher, path, written);\n",
      to: "",
    },
    {
      kind: "read-back",
      what: "reading a published file from the medium instead of the cache",
      scenario: "publishing: add",
      faults: true,
      from: `open = await disk.open(path, "medium");`,
      to: `open = await disk.open(path, "read");`,
    },
    {
      kind: "comparison",
      what: "comparing what the medium has with what was written",
      scenario: "publishing: add",
      faults: true,
      from: "if (found?.sha256 === expected.sha256 && found.sizeBytes === expected.sizeBytes) return;",
      to: "if (found !== undefined) return;",
    },
    {
      kind: "comparison",
      what: "comparing a file of the host with what was read of it before",
      scenario: "publishing: add",
      faults: true,
      from: "if (again?.sha256 !== brought.sha256 || (await stampOf(disk, source)) !== before)",
      to: "if ((await stampOf(disk, source)) !== before)",
    },
    {
      kind: "flush",
      what: "the flush of the name of a file of the publisher's own",
      scenario: "publishing: add",
      from: `await disk.replace(\`\${path}.new\`, path);
  await disk.syncFolder(folderOf(path));`,
      to: "await disk.replace(`${path}.new`, path);",
    },
    {
      kind: "order",
      what: "a file of the publisher's own is written beside the old one, and takes its place in one step",
      scenario: "publishing: init",
      from: `await writeNew(publisher, \`\${path}.new\`, [toBytes(text)]);
  await disk.replace(\`\${path}.new\`, path);`,
      to: "await writeNew(publisher, path, [toBytes(text)]);",
    },
  ]),
  ...of("publish/publish.ts", [
    {
      kind: "flush",
      what: "the flush of the names of the pair for other clients",
      scenario: "publishing: withdraw",
      from: "await disk.syncFolder(publisher.folder);",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of the folder that the pair for other clients came from",
      scenario: "publishing: withdraw",
      from: "await disk.syncFolder(next);",
      to: "",
    },
    {
      kind: "order",
      what: "the pair for other clients is written before the index becomes visible",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "clients may read either in between; it is about a publisher who cannot sign the second time",
      },
      from: `await writePair(publisher, settings, index);
  const { disk } = publisher.machine;
  await disk.replace(\`\${next}/\${indexName}\`, \`\${publisher.folder}/\${indexName}\`);`,
      to: `const { disk } = publisher.machine;
  await disk.replace(\`\${next}/\${indexName}\`, \`\${publisher.folder}/\${indexName}\`);
  await writePair(publisher, settings, index);`,
    },
    {
      kind: "order",
      what: "an index is written beside the old one, and takes its place in one step",
      scenario: "publishing: withdraw",
      from: "await writeNew(publisher, `${next}/${indexName}`, [envelope]);",
      to: `await writeNew(publisher, \`\${next}/\${indexName}\`, [envelope]);
  await writeNew(publisher, \`\${publisher.folder}/\${indexName}\`, [envelope]);`,
    },
    {
      kind: "order",
      what: "an interrupted command is finished by the next one",
      scenario: "publishing: withdraw",
      from: `if (problem !== undefined) {
    await writePair`,
      to: `if (problem === "") {
    await writePair`,
    },
    {
      kind: "order",
      what: "what an interrupted command left on the way to clients goes",
      scenario: "publishing: commit, then withdraw",
      from: "await removeTree(publisher.machine.disk, nextFolder(publisher));",
      to: "",
    },
    {
      kind: "refusal",
      what: "refusing what was signed with a key that machines do not know",
      unitTest: {
        file: "src/publish/repository.test.ts",
        because: "the simulated signer signs with the key of the repository",
      },
      from: `if (!(cause instanceof Fault)) throw cause;
    throw new Fault<PublishFaultCode>(
      "signature-not-ours",`,
      to: `if (cause instanceof Fault) return signature;
    throw new Fault<PublishFaultCode>(
      "signature-not-ours",`,
    },
    {
      kind: "comparison",
      what: "comparing the time of a signature with what machines have",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "the simulated signer takes the later time, as a key in a file does; a program may have a slow clock",
      },
      from: "if (signedAtMs >= lastMs) return signature;",
      to: "if (signedAtMs >= 0) return signature;",
    },
  ]),
  ...of("publish/published.ts", [
    {
      kind: "refusal",
      what: "refusing an index that is not signed by the key of the repository",
      unitTest: { file: "src/publish/publish.test.ts", because: "nobody else writes an index in the simulated worlds" },
      from: `await verifier.verify(text, signature, keyringOf(settings), clock.nowMs());
  } catch (cause) {`,
      to: `await Promise.resolve(signature);
  } catch (cause) {`,
    },
    {
      kind: "comparison",
      what: "comparing what other clients read with what the index says",
      scenario: "publishing: withdraw",
      from: "if (text.length !== expected.length || text.some((byte, at) => byte !== expected[at]))",
      to: "if (text.length < 0)",
    },
    {
      kind: "comparison",
      what: "looking whether the signature for other clients fits",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "power cuts leave no signature of another text beside this one; damage does",
      },
      from: `await verifier.verify(text, signature, keyringOf(settings), clock.nowMs());
    return undefined;`,
      to: "return undefined;",
    },
  ]),
  ...of("publish/commit.ts", [
    {
      kind: "order",
      what: "files are in their places before the index names them",
      scenario: "publishing: commit",
      from: `for (const release of fresh) await place(publisher, release, steps);
    steps.begin("Publishing");
    const releases = [...before.releases, ...fresh.map(indexed)];
    const index = nextIndex(before, releases, { nowMs: clock.nowMs(), expiresDays: settings.expiresDays });
    await publishIndex(publisher, settings, index);`,
      to: `const releases = [...before.releases, ...fresh.map(indexed)];
    const index = nextIndex(before, releases, { nowMs: clock.nowMs(), expiresDays: settings.expiresDays });
    await publishIndex(publisher, settings, index);
    for (const release of fresh) await place(publisher, release, steps);`,
    },
    {
      kind: "order",
      what: "a staging goes after its release was published",
      scenario: "publishing: commit",
      from: `await publishIndex(publisher, settings, index);
    for (const { version } of fresh) await dropStaging(publisher, version);`,
      to: `for (const { version } of fresh) await dropStaging(publisher, version);
    await publishIndex(publisher, settings, index);`,
    },
    {
      kind: "order",
      what: "a staging whose release is published already goes",
      scenario: "publishing: commit",
      from: "for (const { version } of done) await dropStaging(publisher, version);",
      to: "",
    },
  ]),
  ...of("publish/prune.ts", [
    {
      kind: "order",
      what: "what is to go is written down before the index changes",
      scenario: "publishing: prune, at once",
      from: "await record({ ...plan.since, ...Object.fromEntries(plan.remove.map((path) => [path, nowMs - graceMs])) });",
      to: "void nowMs;",
    },
    {
      kind: "order",
      what: "files go after the index does not name them any more",
      scenario: "publishing: prune, at once",
      from: `const index = await publishWithout(publisher, settings, before, plan);
    steps.begin("Removing");
    const removed = await removeFiles(publisher, plan.remove);`,
      to: `const removed = await removeFiles(publisher, plan.remove);
    const index = await publishWithout(publisher, settings, before, plan);`,
    },
    {
      kind: "memory",
      what: "what waits to be removed is remembered without what is gone",
      scenario: "publishing: prune, at once",
      from: "await record(plan.since);",
      to: "",
    },
    {
      kind: "flush",
      what: "the flush of what was pruned",
      scenario: "publishing: prune, at once",
      from: "await disk.syncFolder(folder);",
      to: "",
    },
    {
      kind: "refusal",
      what: "refusing to prune around a release whose manifest cannot be read",
      unitTest: {
        file: "src/publish/publish.test.ts",
        because: "it takes a manifest that is damaged, and power cuts damage none",
      },
      from: "if (!(error instanceof Fault) || kept.includes(release)) throw error;",
      to: "if (!(error instanceof Fault)) throw error;",
    },
  ]),
  ...of("publish/plan-prune.ts", [
    {
      kind: "comparison",
      what: "looking what a staged release needs before anything is pruned",
      scenario: "publishing: commit, then prune, then commit",
      from: "const named = new Set(staged);",
      to: "const named = new Set<string>();",
    },
  ]),
  ...of("publish/init.ts", [
    {
      kind: "refusal",
      what: "refusing to begin anew where releases are published",
      unitTest: {
        file: "src/publish/repository.test.ts",
        because: "no power cut takes an index away that was there",
      },
      from: "await demandNothingPublished(publisher);",
      to: "",
    },
    {
      kind: "refusal",
      what: "refusing a folder that somebody else publishes in",
      unitTest: { file: "src/publish/repository.test.ts", because: "nobody else publishes in the simulated worlds" },
      from: "await demandFree(publisher);",
      to: "",
    },
  ]),
  ...of("publish/lock.ts", [
    {
      kind: "order",
      what: "one publisher at a time",
      scenario: "publishing: two add other bytes under one version (order 1)",
      from: "await using held = await lock.acquire(\n    `${ownFolder(publisher)}/lock`,",
      to: "await using held = await lock.acquire(\n    `${ownFolder(publisher)}/lock-${Math.random()}`,",
    },
  ]),
];
