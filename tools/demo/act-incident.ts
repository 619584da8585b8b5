// The third act: KDE Linux, March 2026. An interrupted download, and a chunk index whose name begins like the image's.
import type { FaultServer } from "../lab/fault-server.ts";
import type { LabMachine } from "../lab/machine-tree.ts";
import { fileOf, type LabRelease } from "../lab/release.ts";
import { sayVerdict, showBootMenu } from "./boot-menu.ts";
import { holdfast } from "./holdfast.ts";
import { bad, good, heading, say } from "./screen.ts";

/** Answers whether everything went as promised. */
export async function playIncident(
  server: FaultServer,
  machine: LabMachine,
  releases: readonly LabRelease[],
): Promise<boolean> {
  heading(6, "March 2026 again: interrupted, run again, run again");
  const next = releases.at(-1);
  if (next === undefined) throw new Error("there is no release to update to");
  const image = fileOf(next, "image");
  say(
    `Then, an updater that had been interrupted took ${image.name}.caibx for ${image.name}, skipped the image, ` +
      "installed the boot entry, and said that all was well. The machines did not boot again. " +
      "A second machine, with that layout and with release 1:",
  );
  await showBootMenu(machine, releases);
  const results: boolean[] = [];
  const run = async (title: string, expected: readonly number[], interrupt?: () => boolean): Promise<void> => {
    console.log();
    say(title);
    const { exitCode } = await holdfast(machine.root, ["update"], interrupt);
    const asPromised = expected.includes(exitCode);
    if (asPromised) good(`exit code ${exitCode}: ${meanings[exitCode] ?? ""}`);
    else bad(`exit code ${exitCode}, where ${expected.join(" or ")} was expected`);
    const audit = await showBootMenu(machine, releases);
    results.push(sayVerdict(audit) && asPromised);
  };
  const halfway = server.bytesSent(`/${image.name}`) + image.sizeBytes / 2;
  await run(
    "First run, with Ctrl-C in the middle of the image:",
    [5],
    () => server.bytesSent(`/${image.name}`) >= halfway,
  );
  await run("Run again:", [0]);
  await run("And again, with nothing left to do:", [0, 3]);
  return results.every(Boolean);
}

const meanings: Readonly<Record<number, string>> = {
  0: "done, version 2 waits for a reboot",
  3: "nothing newer",
  5: "interrupted, the same command goes on from there",
};
