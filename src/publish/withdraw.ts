// `repo withdraw`: takes a release back. The index says so, and other clients do not see it any more; its files stay until they are
// pruned, for whoever is in the middle of them. A release that is only staged is dropped.
import { Fault } from "../base/fault.ts";
import { parseVersion, type Version } from "../base/ids.ts";
import { removeIfThere } from "../port/small-file.ts";
import type { RepoWithdrawReport } from "../wire/repository-reports.ts";
import { nextIndex } from "./next-index.ts";
import { publishIndex, settle } from "./publish.ts";
import type { Publisher } from "./publisher.ts";
import { inRepository } from "./lock.ts";
import { readIndex } from "./published.ts";
import { dropStaging, dropUnfinished, isStaged, movedFiles } from "./staging.ts";

export type WithdrawFaultCode = "no-such-release" | "withdrawn-already";

/** Faults: `no-such-release`, `withdrawn-already`, those of signing. */
export async function withdrawRelease(publisher: Publisher, text: string): Promise<RepoWithdrawReport> {
  const version = parseVersion(text);
  return inRepository(publisher, "repo withdraw", async (settings) => {
    const { disk, clock } = publisher.machine;
    const before = await readIndex(publisher, settings);
    const { finished } = await settle(publisher, settings, before);
    await dropUnfinished(publisher);
    const release = before.releases.find((one) => one.version === version);
    const newest = (releases = before.releases): Version | undefined =>
      releases.findLast((one) => one.state === "offered" && one.version !== version)?.version;
    if (release === undefined) {
      if (!(await isStaged(publisher, version)))
        throw noSuchRelease(
          publisher,
          version,
          before.releases.map((one) => one.version),
        );
      const named = new Set(before.releases.flatMap(({ files }) => files.map(({ name }) => name)));
      // They go while the record still tells of them.
      for (const name of await movedFiles(publisher, version))
        if (!named.has(name)) await removeIfThere(disk, `${publisher.folder}/${name}`);
      await dropStaging(publisher, version);
      return { folder: publisher.folder, version, was: "staged", serial: before.serial, newest: newest() };
    }
    // Of a commit that was cut off behind the index.
    await dropStaging(publisher, version);
    if (release.state === "withdrawn") {
      if (finished)
        return { folder: publisher.folder, version, was: "offered", serial: before.serial, newest: newest() };
      throw new Fault<WithdrawFaultCode>("withdrawn-already", `Cannot withdraw ${version}: it is withdrawn already`, {
        hint: "Its files go with holdfast repo prune.",
        kind: "nothing",
      });
    }
    const releases = before.releases.map((one) =>
      one.version === version ? ({ ...one, state: "withdrawn" } as const) : one,
    );
    const index = nextIndex(before, releases, { nowMs: clock.nowMs(), expiresDays: settings.expiresDays });
    await publishIndex(publisher, settings, index);
    return { folder: publisher.folder, version, was: "offered", serial: index.serial, newest: newest(releases) };
  });
}

function noSuchRelease({ folder }: Publisher, version: Version, there: readonly Version[]): Fault<WithdrawFaultCode> {
  const list = there.length === 0 ? "Nothing is published in it." : `There are: ${there.slice(-10).join(", ")}.`;
  return new Fault("no-such-release", `Cannot withdraw ${version}: ${folder} has no such release`, { hint: list });
}
