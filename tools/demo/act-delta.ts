// The second act of updating: the same two releases, published with `holdfast repo`, and fetched as a delta.
import { constants, copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FaultServer } from "../lab/fault-server.ts";
import { auditTree } from "../lab/audit-tree.ts";
import { makeMachine } from "../lab/machine-tree.ts";
import type { LabRelease } from "../lab/release.ts";
import type { SigningKey } from "../lab/signing.ts";
import { sayVerdict } from "./boot-menu.ts";
import { holdfast, runHoldfast } from "./holdfast.ts";
import { shown } from "./place.ts";
import { amount, bad, good, heading, say, table } from "./screen.ts";

/** Answers whether everything went as promised. */
export async function playDelta(folder: string, key: SigningKey, releases: readonly LabRelease[]): Promise<boolean> {
  heading(5, "The same update by delta, published with holdfast repo");
  const [first, next] = releases;
  if (first === undefined || next === undefined) throw new Error("there is no release to update to");
  say(
    "A repository that Holdfast makes has deltas and chunks too. The initrd here is as small as an initrd can be, and lacks " +
      "Holdfast's parts; without being told so, it would not be published.",
  );
  const repository = join(folder, "published");
  const keyFile = join(folder, "key.pgp");
  await mkdir(repository);
  await key.save(keyFile);
  const published = await publish(repository, keyFile, [first, next]);
  await using server = await FaultServer.start(repository);
  const machine = await makeMachine(join(folder, "delta-machine"), {
    source: `${server.url}/`,
    keyring: key.publicKeyring,
    installed: [first],
  });
  console.log();
  say(`Another machine that runs release ${first.version}:`);
  const check = await holdfast(machine.root, ["check"]);
  const asked = server.log.length;
  const update = await holdfast(machine.root, ["update"]);

  console.log();
  say("What the server saw of the update:");
  const seen = server.log.slice(asked).filter(({ method }) => method === "GET");
  table([["GET", "range", "sent"], ...seen.map((get) => [get.path, get.range ?? "whole", amount(get.bytes)])]);
  const sent = seen.reduce((sum, { bytes }) => sum + bytes, 0);
  const size = next.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const audit = await auditTree(machine, releases);
  const done = [...published, check.exitCode, update.exitCode].every((code) => code === 0);
  const spared = sent < size / 100 && audit.bootable.includes(next.version);
  if (done && spared)
    good(
      `${amount(sent)} sent for ${amount(size)} of files, lists and signatures included; the releases differ in their version only`,
    );
  else
    bad(`the commands ended with ${[...published, check.exitCode, update.exitCode].join(", ")}; ${amount(sent)} sent`);
  return sayVerdict(audit) && done && spared;
}

/** The exit codes of what it takes. */
async function publish(folder: string, keyFile: string, releases: readonly LabRelease[]): Promise<readonly number[]> {
  const place = shown(folder);
  const codes = [(await runHoldfast(["repo", "init", place, `--key=${shown(keyFile)}`])).exitCode];
  for (const release of releases) {
    const { version } = release;
    const paths = await filesBeside(folder, release);
    const added = await runHoldfast(["repo", "add", place, `--version=${version}`, "--without-initrd-parts", ...paths]);
    codes.push(added.exitCode, (await runHoldfast(["repo", "commit", place])).exitCode);
  }
  return codes;
}

/** Where a person can type their paths. */
async function filesBeside(folder: string, { files }: LabRelease): Promise<readonly string[]> {
  const built = join(dirname(folder), "built");
  await mkdir(built, { recursive: true });
  const payload = files.filter(({ role }) => role !== "index");
  for (const { name, path } of payload) await copyFile(path, join(built, name), constants.COPYFILE_FICLONE);
  return payload.map(({ name }) => shown(join(built, name)));
}
