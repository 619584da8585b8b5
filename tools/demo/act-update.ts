// The first act: from release 1 to release 2, while the server cuts the connection twice.
import type { FaultServer } from "../lab/fault-server.ts";
import type { LabMachine } from "../lab/machine-tree.ts";
import { fileOf, type LabRelease } from "../lab/release.ts";
import { sayVerdict, showBootMenu } from "./boot-menu.ts";
import { holdfast } from "./holdfast.ts";
import { bad, good, heading, amount, say, table } from "./screen.ts";

/** Answers whether everything went as promised. */
export async function playUpdate(
  server: FaultServer,
  machine: LabMachine,
  releases: readonly LabRelease[],
): Promise<boolean> {
  heading(4, "Updating, while the server cuts the connection twice");
  say("Before the update:");
  await showBootMenu(machine, releases);
  const next = releases.at(-1);
  if (next === undefined) throw new Error("there is no release to update to");
  const image = fileOf(next, "image");
  const path = `/${image.name}`;
  server.misbehave(
    { path, from: 1, times: 1, cutAfterBytes: Math.round(image.sizeBytes * 0.3) },
    { path, from: 2, times: 1, cutAfterBytes: Math.round(image.sizeBytes * 0.4) },
  );
  const { exitCode, seconds } = await holdfast(machine.root, ["update"]);
  server.heal();

  console.log();
  say("What the server saw of the image and of the boot entry:");
  const payload = new Set(next.files.map((file) => `/${file.name}`));
  const seen = server.log.filter((request) => payload.has(request.path) && request.method === "GET");
  const rows = seen.map((request) => [
    request.path,
    request.range ?? "from the start",
    amount(request.bytes),
    request.complete ? "sent" : "cut by us",
  ]);
  table([["GET", "range", "sent", ""], ...rows]);
  const cuts = seen.filter((request) => !request.complete).length;
  const sent = seen.reduce((sum, request) => sum + request.bytes, 0);
  const size = image.sizeBytes + fileOf(next, "entry").sizeBytes;
  const again = sent - size;
  const cost = again <= 0 ? "no byte was sent twice" : `${amount(again)} had to be sent again`;
  say(`${cuts} cuts; ${amount(sent)} sent for ${amount(size)} of files: ${cost}.`);

  console.log();
  say("After the update:");
  const audit = await showBootMenu(machine, releases);
  const done = exitCode === 0 && audit.bootable.includes(next.version) && cuts === 2;
  if (exitCode === 0)
    good(`release ${next.version} is what boots next, after ${seconds.toFixed(1)} s; nobody had to do anything`);
  else bad(`the update ended with exit code ${exitCode}`);
  return sayVerdict(audit) && done;
}
