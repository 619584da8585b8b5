// The last act: a disk, firmware, a boot loader. The machine that Holdfast updated comes up; then it is put into the state of
// March 2026, and heals itself, with the console shown. Only where an emulator and its firmware can be had.
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { bootRelease } from "../../test/boot/releases.ts";
import { FaultServer } from "../lab/fault-server.ts";
import { makeDisk } from "../lab/machine/disk.ts";
import { Machine } from "../lab/machine/machine.ts";
import { type MachineParts, machineParts, NoGuest } from "../lab/machine/parts.ts";
import { type LabMachine, makeMachine } from "../lab/machine-tree.ts";
import { describeFile, type LabRelease } from "../lab/release.ts";
import { Repository } from "../lab/repository.ts";
import type { SigningKey } from "../lab/signing.ts";
import { holdfast } from "./holdfast.ts";
import { bad, fact, good, heading, paint, say } from "./screen.ts";

const programs = ["mkfs.erofs", "ukify", "sfdisk", "mkfs.fat", "mcopy", "mdir", "mmd"];
/** Each try of a version that does not start is one start. */
const triesLeft = 2;
const startsMax = 6;

/** Answers whether everything went as promised; `undefined` where no machine can be had. */
export async function playBoots(folder: string, key: SigningKey): Promise<boolean | undefined> {
  heading(7, "On a disk, under firmware");
  const note = (line: string): void => console.log(paint("dim", `   ${line} ...`));
  let parts: MachineParts;
  try {
    parts = await machineParts(note, programs);
  } catch (error) {
    if (!(error instanceof NoGuest)) throw error;
    say(`Left out, for no machine can be had here: ${error.message.split("\n").join(" ")}`);
    return undefined;
  }
  process.env["PATH"] = `${parts.tools.binFolder}${delimiter}${process.env["PATH"] ?? ""}`;
  const releases = [await tinyRelease("1", note), await tinyRelease("2", note)];
  say(
    "Until here the machine was a folder. Another one is given version 1 of the reference OS in its smallest profile, and " +
      "updated; then its files go onto a disk, and the disk into an emulated machine with UEFI firmware and systemd-boot.",
  );
  const repository = await Repository.create(join(folder, "reference"), { key });
  await repository.publish(...releases);
  await using server = await FaultServer.start(repository.folder);
  const tree = await makeMachine(join(folder, "boot-machine"), {
    source: `${server.url}/`,
    keyring: key.publicKeyring,
    installed: releases.slice(0, 1),
    triesLeft,
  });
  const { exitCode } = await holdfast(tree.root, ["update"]);
  if (exitCode !== 0) return false;
  const machine = (name: string): Promise<Machine> => assemble(join(folder, name), parts, tree);
  console.log();
  const comesUp = await start(await machine("boots-update"), "It is switched on:", "2");
  console.log();
  say(
    "March 2026, as it was: the entry of version 2 is on trial and first in the menu, and its image is not there. Nobody " +
      `touches the machine; each of the ${triesLeft} tries is a start.`,
  );
  await rm(join(tree.system, "os_2.erofs"));
  const heals = await start(await machine("boots-incident"), "It is switched on:", "1");
  return comesUp && heals;
}

async function tinyRelease(version: string, note: (line: string) => void): Promise<LabRelease> {
  const release = await bootRelease({ version, say: note });
  const image = release.path("kde", "usr");
  const entry = release.path("kde", "entry");
  return {
    name: release.name,
    version,
    files: [await describeFile("image", basename(image), image), await describeFile("entry", basename(entry), entry)],
  };
}

/** The tree as a disk: its ESP the first partition, the rest the second. */
async function assemble(folder: string, parts: MachineParts, tree: LabMachine): Promise<Machine> {
  const system = join(folder, "system");
  await mkdir(folder, { recursive: true });
  await cp(tree.root, system, { recursive: true, filter: (path) => path !== tree.esp });
  const entries = (await readdir(tree.entries)).map((name) => [`EFI/Linux/${name}`, join(tree.entries, name)] as const);
  const disk = join(folder, "disk.img");
  await makeDisk(disk, new Map([["EFI/BOOT/BOOTX64.EFI", parts.systemdBoot], ...entries]), system);
  return Machine.create({ parts, folder, disk });
}

/** Lets it start until it is up, and shows what the console says. */
async function start(machine: Machine, title: string, expected: string): Promise<boolean> {
  say(title);
  console.log();
  for (let starts = 1; starts <= startsMax; starts += 1) {
    const { console: text, ended, seconds } = await machine.boot();
    for (const line of spoken(text)) console.log(`   ${paint("dim", "│")} ${line}`);
    console.log(`   ${paint("dim", `└ ${ended} after ${seconds.toFixed(0)} s`)}`);
    const up = /^holdfast: up (\S+)/m.exec(text)?.[1];
    if (up === expected) {
      good(`version ${expected} is up${starts === 1 ? "" : `, after ${starts} starts, and nobody had to come`}`);
      fact("its ESP", (await machine.esp.names("EFI/Linux")).join(", "));
      return true;
    }
    if (up !== undefined || ended === "hung") break;
  }
  bad(`version ${expected} did not come up`);
  return false;
}

/** What firmware, initrd and system say, without the menu. */
function spoken(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => /^(BdsDxe: starting|holdfast: |\[ *\d+\.\d+\] reboot)/.test(line)).slice(-12);
}
