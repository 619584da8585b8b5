// Observe: what else updates this machine: another updater that is at work, or one whose system this is.
import type { Disk } from "../../port/disk.ts";
import { readStart } from "../../port/small-file.ts";
import type { Session } from "../session.ts";
import { listIfThere } from "../state/small-file.ts";

export interface RunningUpdater {
  readonly name: string;
  readonly pid: number;
}

const peer = "systemd-sysupdate";
const services = ["systemd-sysupdate.service", "systemd-sysupdate-update.service"];

/** Started by its timer: its service has a control group only while it runs. */
export async function updaterService({ machine, settings }: Session): Promise<RunningUpdater | undefined> {
  if (!settings.live) return undefined;
  for (const service of services) {
    const pid = Number.parseInt(
      await readStart(machine.disk, `/sys/fs/cgroup/system.slice/${service}/cgroup.procs`),
      10,
    );
    if (pid > 0 && pid !== machine.process.pid) return { name: peer, pid };
  }
  return undefined;
}

/** Started by a person too: any process whose program has that name. Holdfast that stands in for it is another program. */
export async function runningUpdater(session: Session): Promise<RunningUpdater | undefined> {
  const { machine, settings } = session;
  if (!settings.live) return undefined;
  const service = await updaterService(session);
  if (service !== undefined) return service;
  const pids = (await listIfThere(machine.disk, "/proc")).map(({ name }) => name).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // Of processes that have ended meanwhile, and of the kernel's own, there is nothing to read.
    const program = await machine.disk.readLink(`/proc/${pid}/exe`).catch(() => "");
    if (program.endsWith(`/${peer}`)) return { name: peer, pid: Number(pid) };
  }
  return undefined;
}

type Marks = readonly (readonly [path: string, name: string])[];

/** By what it leaves on its systems; the first that is there. Those that replace the whole system come first. */
const marks: Marks = [
  ["/usr/bin/steamos-update", "steamos-update"],
  ["/usr/sbin/transactional-update", "transactional-update"],
  ["/usr/bin/update_engine_client", "update_engine"],
  ["/etc/rauc/system.conf", "RAUC"],
  ["/usr/lib/rauc/system.conf", "RAUC"],
  ["/usr/bin/mender-update", "Mender"],
  ["/etc/swupdate.cfg", "SWUpdate"],
  ["/usr/bin/abroot", "ABRoot"],
  ["/etc/NIXOS", "nixos-rebuild"],
  ["/usr/bin/apt-get", "apt"],
  ["/usr/bin/dnf", "dnf"],
  ["/usr/bin/zypper", "zypper"],
  ["/usr/bin/pacman", "pacman"],
];

/** Where the system is a deployment of ostree. */
const ostreeMarks: Marks = [
  ["/usr/bin/bootc", "bootc"],
  ["/usr/bin/rpm-ostree", "rpm-ostree"],
];

async function firstThere(disk: Disk, wanted: Marks): Promise<string | undefined> {
  for (const [path, name] of wanted) if ((await disk.stat(path)) !== undefined) return name;
  return undefined;
}

async function ownUpdater(disk: Disk): Promise<string | undefined> {
  const isDeployed = await firstThere(disk, [
    ["/run/ostree-booted", ""],
    ["/sysroot/ostree", ""],
  ]);
  return isDeployed === undefined ? firstThere(disk, marks) : ((await firstThere(disk, ostreeMarks)) ?? "ostree");
}

/** Of a machine without definitions: who else brings its system, a clause with a comma in front, and what to do. */
export async function whoUpdates({
  machine,
  settings,
}: Session): Promise<{ readonly clause: string; readonly hint: string }> {
  if (settings.definitionsFolder !== undefined) return { clause: "", hint: "Write" };
  const { disk } = machine;
  const name = await ownUpdater(disk);
  if (name !== undefined)
    return { clause: `, and ${name} updates this system`, hint: `Go on updating it with ${name}. For Holdfast, write` };
  const usr = (await disk.resolve("/usr")) === undefined ? undefined : await disk.fileSystem("/usr");
  if (usr?.readOnly !== true) return { clause: "", hint: "Write" };
  return {
    clause: ", and /usr is an image that cannot be written: nothing says where a newer one comes from",
    hint: "Ask who made the image for its definitions, or write",
  };
}
