// A root folder made of Debian packages, in which tests for a whole machine run without touching the host's files.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const checkout = join(import.meta.dirname, "../..");

export interface RunOptions {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders of this machine, and where the command sees them, read only. */
  readonly see?: Readonly<Record<string, string>>;
  /** The command and all it started are killed after it. */
  readonly timeoutMs: number;
  /** Bytes for its standard input. */
  readonly input?: string;
}

export interface RanInRoot {
  /** `null`: killed. */
  readonly exitCode: number | null;
  /** Both streams as they came. */
  readonly output: string;
}

/** Why this machine cannot give a root of its own with loop devices; undefined when it can. */
export async function whyNoMachineRoot(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "it needs root";
  if (!existsSync("/dev/loop-control")) return "this machine has no loop devices";
  const probe = "mount -t tmpfs tmpfs /mnt && losetup --find";
  const ran = await execute("unshare", ["--mount", "--pid", "--fork", "sh", "-c", probe]).catch(
    (error: Error) => error,
  );
  return ran instanceof Error ? `namespaces or loop devices are not allowed: ${ran.message.split("\n")[0]}` : undefined;
}

/** Gone with all that was in it, loop devices included, when it is disposed of. */
export class MachineRoot implements AsyncDisposable {
  readonly #place: string;
  readonly #trees: readonly string[];

  private constructor(place: string, trees: readonly string[]) {
    this.#place = place;
    this.#trees = trees;
  }

  /** `trees` are folders that unpacked packages are in; of two files of one name the first tree's is seen. */
  static async create(trees: readonly string[]): Promise<MachineRoot> {
    const place = await mkdtemp(join(tmpdir(), "holdfast-root-"));
    for (const folder of ["layers", "disk"]) await mkdir(join(place, folder));
    return new MachineRoot(place, trees);
  }

  /** The folder that is seen as /var/tmp. */
  get disk(): string {
    return join(this.#place, "disk");
  }

  /** Each run has a fresh root over the same /var/tmp; this checkout is seen at its own path, read only. */
  async run(options: RunOptions): Promise<RanInRoot> {
    const { command, environment = {}, see = {}, timeoutMs, input = "" } = options;
    const script = join(import.meta.dirname, "machine-root.sh");
    const seen = Object.entries({ [checkout]: checkout, ...see }).flat();
    const inside = ["sh", script, this.#place, this.#trees.join(":"), ...seen, "--", ...command];
    const own = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
    const child = spawn("unshare", [...own, ...inside], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LC_ALL: "C.UTF-8", ...environment },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    const pieces: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => pieces.push(piece));
    child.stdin.on("error", () => undefined).end(input);
    const stop = (): boolean => child.kill("SIGKILL");
    process.once("exit", stop);
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    process.off("exit", stop);
    return { exitCode, output: Buffer.concat(pieces).toString() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await detachLoopsOf(this.disk);
    await rm(this.#place, { recursive: true, force: true });
  }
}

/** Detaches the loop devices whose backing file is in `folder`, told by device and inode: paths lie across namespaces. */
async function detachLoopsOf(folder: string): Promise<void> {
  const { stdout } = await execute("losetup", ["--list", "--noheadings", "--output", "NAME,BACK-MAJ:MIN,BACK-INO"]);
  const loops = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  if (loops.length === 0) return;
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const { dev, ino } = await stat(join(file.parentPath, file.name));
    const device = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
    for (const [name = "", majorMinor, inode] of loops)
      if (majorMinor === device && inode === String(ino)) await execute("losetup", ["--detach", name]);
  }
}
