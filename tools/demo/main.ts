// `npm start`: Holdfast on a small real system, in one folder, in a few minutes.
import { join } from "node:path";
import { FaultServer } from "../lab/fault-server.ts";
import { makeMachine } from "../lab/machine-tree.ts";
import { makeRealRelease, MissingHelpers } from "../lab/real-release.ts";
import type { LabRelease } from "../lab/release.ts";
import { Repository } from "../lab/repository.ts";
import { createSigningKey } from "../lab/signing.ts";
import { playBoots } from "./act-boots.ts";
import { playDelta } from "./act-delta.ts";
import { playIncident } from "./act-incident.ts";
import { playUpdate } from "./act-update.ts";
import { makePlace, shown } from "./place.ts";
import { bad, command, fact, good, heading, amount, paint, say, table } from "./screen.ts";
import { serveAgain } from "./serve.ts";

/** Slow enough to watch, fast enough not to wait. */
const bytesPerSecond = 10 * 2 ** 20;

async function demonstrate(): Promise<boolean> {
  const folder = await makePlace();
  console.log(paint("bold", "Holdfast: atomic updates that do not leave a machine unbootable"));
  say(
    `Everything here happens in ${shown(folder)}, and nothing outside it is touched but a cache folder of packages. ` +
      "The kernel, the initrd and the image are real. In acts 3 to 6 the machine is a folder, and so is its ESP; in act 7 " +
      "machines with a disk, a FAT and UEFI firmware are switched on, where an emulator can be had.",
  );

  heading(1, "Two releases of a small real system");
  const releases = await makeReleases();

  heading(2, "A signed repository on a web server");
  const key = await createSigningKey({ name: "Holdfast demonstration (throw-away)" });
  const repository = await Repository.create(join(folder, "repository"), { key });
  await repository.publish(...releases);
  await using server = await FaultServer.start(repository.folder, { bytesPerSecond });
  fact("address", `${server.url}/, ${amount(bytesPerSecond)} a second`);
  fact("files", "plain ones, SHA256SUMS and SHA256SUMS.gpg, as for systemd-sysupdate");
  fact("signed by", `${key.fingerprint} (OpenPGP, made for this run)`);

  heading(3, "A machine that runs release 1");
  const installed = releases.slice(0, 1);
  const common = { source: `${server.url}/`, keyring: key.publicKeyring, installed } as const;
  const withoutIndex = installed.map((release) => ({
    ...release,
    files: release.files.filter((file) => file.role !== "index"),
  }));
  const machine = await makeMachine(join(folder, "machine"), { ...common, installed: withoutIndex });
  const other = await makeMachine(join(folder, "kde-machine"), { ...common, index: true });
  fact("its root", `${shown(machine.root)}, given to Holdfast with --root`);
  fact("its ESP", `${shown(machine.esp)}, a folder`);
  fact("definitions", `${shown(machine.definitions)}: 20-root.transfer, then 30-uki.transfer`);

  const updated = await playUpdate(server, machine, releases);
  const byDelta = await playDelta(folder, key, releases);
  const replayed = await playIncident(server, other, releases);

  const booted = await playBoots(folder, key);

  heading(8, "What to try next");
  say("Look at what is there, let Holdfast examine it, break something and examine it again:");
  const root = shown(machine.root);
  command(`bin/holdfast status --root ${root}`);
  command(`bin/holdfast doctor --deep --root ${root}`);
  command(`: > ${root}/system/os_2.erofs; bin/holdfast doctor --root ${root}`);
  console.log();
  say("To have it repaired, start the web server again and, in another terminal, ask for it:");
  command("npm start -- serve");
  command(`bin/holdfast doctor --repair --root ${root}`);
  console.log();
  return updated && byDelta && replayed && booted !== false;
}

async function makeReleases(): Promise<readonly LabRelease[]> {
  const say = (line: string): void => console.log(paint("dim", `   ${line} ...`));
  const releases: LabRelease[] = [];
  for (const version of ["1", "2"]) releases.push(await makeRealRelease({ version, index: true, say }));
  const what = {
    index: "chunk index",
    image: "erofs image of Debian's userland",
    entry: "UKI: kernel, initrd, systemd-stub",
  };
  const rows = releases.flatMap((release) =>
    release.files.map((file) => [file.name, amount(file.sizeBytes), `${file.sha256.slice(0, 12)}…`, what[file.role]]),
  );
  table([["file", "size", "sha256", ""], ...rows]);
  return releases;
}

try {
  if (process.argv[2] === "serve") await serveAgain();
  else if (await demonstrate()) good("Everything went as promised.");
  else {
    bad("Something did not go as promised; see above.");
    process.exitCode = 1;
  }
} catch (error) {
  if (error instanceof MissingHelpers) {
    bad("The demonstration cannot go on: something it needs is missing.");
    for (const { program, why, remedy } of error.missing) say(`${program}: ${why}. What helps: ${remedy}.`);
  } else bad(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
