// One command on a machine one of whose file systems is full, fills up, has no inodes, or turns read-only in the middle.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { imagePath } from "../../../../tools/lab/machine-tree.ts";
import type { Scene, World } from "../../../e2e/world.ts";
import type { Death } from "../../kills/execute.ts";
import type { Subject } from "../../peers/peer.ts";
import { asDistributionsDo, leftoversOf } from "../layout.ts";
import type { Releases } from "../server-faults/resource.ts";
import { type DiskKind, SmallDisk } from "./small-disk.ts";

export const places = ["system", "efi", "var/lib/holdfast"] as const;
export type Place = (typeof places)[number];

export const squeezedCommands = ["update", "rollback", "repair"] as const;
export type SqueezedCommand = (typeof squeezedCommands)[number];

export type Squeeze =
  /** So many bytes are free; `blind`: the server tells no lengths, so that only the disk itself can say no. */
  | { readonly kind: "bytes"; readonly free: number; readonly blind: boolean }
  | { readonly kind: "inodes"; readonly free: number }
  /** Another one takes all that is free, after this part of the time that the command takes. */
  | { readonly kind: "filled-meanwhile"; readonly part: number }
  | { readonly kind: "read-only-meanwhile"; readonly part: number };

export interface SqueezeRequest {
  readonly subject: Subject;
  readonly world: World;
  readonly releases: Releases;
  readonly disk: DiskKind;
  readonly place: Place;
  readonly command: SqueezedCommand;
  readonly squeeze: Squeeze;
  /** Of the command undisturbed. */
  readonly ms: number;
}

export interface Squeezed {
  readonly what: string;
  readonly code: number | null;
  readonly output: string;
  readonly done: boolean;
  readonly broken: readonly string[];
  /** It failed, and a version that booted before does not any more. */
  readonly fallbackLost: boolean;
  readonly next: Death;
  readonly healed: boolean;
  readonly leftovers: readonly string[];
}

const commands: Readonly<Record<SqueezedCommand, readonly string[]>> = {
  update: ["update"],
  rollback: ["rollback"],
  repair: ["doctor", "--repair"],
};

export async function runSqueeze(request: SqueezeRequest): Promise<Squeezed> {
  const { subject, world, releases, command, place } = request;
  const { installed, target } = releases;
  const disks: SmallDisk[] = [];
  const scene = await world.scene({
    offered: [...installed, target],
    installed,
    index: true,
    server: { bytesPerSecond: 1_000_000 },
    prepare: async (root) => {
      disks.push(await SmallDisk.mount(request.disk, join(root, place), `${root}.image`));
    },
  });
  await using small = disks[0] as SmallDisk;
  await using _scene = scene;
  await asDistributionsDo(scene.machine);
  if (command === "repair") await rm(imagePath(scene.machine, installed[0]));
  const before = (await scene.audit()).bootable;
  const ended = await underSqueeze(request, scene, small);
  const after = await scene.audit(target);
  await small.readOnly(false);
  await small.giveBack();
  scene.server.heal();
  const next = await subject.run(scene.machine, ["update"]);
  const end = await scene.audit(target);
  const leftovers = leftoversOf(end).filter((path) => !/\/(lost\+found|filler|inodes)/.test(path));
  const updated = command !== "update" || after.bootable.includes("3");
  const allowed = command === "repair" ? ["os_1.efi"] : [];
  return {
    what: describe(request),
    code: ended.code,
    output: ended.output,
    done: ended.code === 0 && updated,
    broken: after.broken.map(({ fileName }) => fileName).filter((name) => !allowed.includes(name)),
    fallbackLost: !after.bootable.includes("3") && before.some((version) => !after.bootable.includes(version)),
    next,
    healed: next.code === 0 && end.broken.length === 0 && end.bootable.includes("3") && leftovers.length === 0,
    leftovers,
  };
}

function describe({ subject, disk, place, command, squeeze }: SqueezeRequest): string {
  const how = {
    bytes: () =>
      squeeze.kind === "bytes" ? `${squeeze.free} bytes free${squeeze.blind ? ", no lengths told" : ""}` : "",
    inodes: () => (squeeze.kind === "inodes" ? `${squeeze.free} inodes free` : ""),
    "filled-meanwhile": () => ("part" in squeeze ? `filled after ${squeeze.part.toFixed(2)} of it` : ""),
    "read-only-meanwhile": () => ("part" in squeeze ? `read-only after ${squeeze.part.toFixed(2)} of it` : ""),
  }[squeeze.kind]();
  return `${subject.name}, ${command}, ${disk} at ${place}, ${how}`;
}

async function underSqueeze(request: SqueezeRequest, scene: Scene, disk: SmallDisk): Promise<Death> {
  const { squeeze, subject, command, ms } = request;
  const start = async (): Promise<Death> => subject.run(scene.machine, commands[command]);
  if (squeeze.kind === "inodes") await disk.leaveInodes(squeeze.free);
  if (squeeze.kind === "bytes") {
    await disk.leave(squeeze.free);
    const silent = { path: /./, chunked: true };
    if (squeeze.blind) scene.server.misbehave(silent, { ...silent, method: "HEAD" });
  }
  if (squeeze.kind === "bytes" || squeeze.kind === "inodes") return start();
  const state = { ended: false };
  const running = start().finally(() => (state.ended = true));
  await sleep(ms * squeeze.part);
  if (squeeze.kind === "filled-meanwhile") await disk.leave(0);
  else while (!state.ended && !(await disk.readOnly(true))) await sleep(5);
  return running;
}

/** Everything that Holdfast did not keep, in sentences. */
export function problemsOf(squeezed: Squeezed): readonly string[] {
  const { what, code, output, done, broken, fallbackLost, healed, next, leftovers } = squeezed;
  const said = /^holdfast: Cannot .+: .+$/m.test(output);
  return [
    [0, 1, 4, 7].includes(code ?? -1) ? [] : [`it ended with ${code}: ${output.slice(-500)}`],
    done || said || code === 7 ? [] : [`no sentence says why it ended with ${code}: ${output.slice(-500)}`],
    broken.length === 0 ? [] : [`it broke ${broken.join(", ")}`],
    fallbackLost ? ["a version that booted before does not any more"] : [],
    healed
      ? []
      : [`the next update ended with ${next.code}, left over: ${leftovers.join(", ")}: ${next.output.slice(-500)}`],
  ]
    .flat()
    .map((text) => `${what}: ${text}`);
}
