// Runs the initrd's functions about a failed boot on folders that stand for the ESP and for efivarfs, in a given shell.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const libraries = join(import.meta.dirname, "../../os/initrd/tree/usr/lib/holdfast/initrd");
const vendor = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

/** A POSIX shell, with what it finds on its path. */
export interface Shell {
  readonly name: string;
  readonly command: readonly string[];
  readonly path: string;
}

export interface FailedBoot {
  /** Below the ESP; in EFI/Linux where no folder is named. */
  readonly entries: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Other files of the ESP. */
  readonly files?: Readonly<Record<string, string>>;
  /** No ESP could be mounted. */
  readonly noEsp?: boolean;
  /** Run before, in the ESP. */
  readonly before?: string;
}

export interface Reaction {
  readonly decision: string;
  readonly chosen: string;
  readonly recorded: string;
  readonly entries: readonly string[];
  readonly oneShot: string | undefined;
  /** Lines of failures.txt without their seconds. */
  readonly failures: readonly string[];
}

/** dash with the host's programs, and busybox with its own. */
export async function shells(busybox: string, folder: string): Promise<readonly Shell[]> {
  const applets = join(folder, "applets");
  await mkdir(applets, { recursive: true });
  const { stdout } = await run(busybox, ["--list"]);
  for (const name of stdout.trim().split("\n")) await symlink(busybox, join(applets, name));
  return [
    { name: "dash", command: ["/bin/sh"], path: "/usr/sbin:/usr/bin:/sbin:/bin" },
    { name: "busybox ash", command: [join(applets, "ash")], path: applets },
  ];
}

/** As efivarfs has it: attributes, UTF-16 with a zero at its end. */
export function variableBytes(text: string): Buffer {
  return Buffer.concat([Buffer.from([7, 0, 0, 0]), Buffer.from(`${text}\0`, "utf16le")]);
}

/** Runs `script` with ESP and VARIABLES as `$1` and `$2` after the libraries were read; answers what it printed. */
export async function inShell(shell: Shell, script: string, ...args: readonly string[]): Promise<string> {
  const [program = "sh", ...first] = shell.command;
  const read = ["boot-failure", "panics", "image-check"].map((name) => `. ${libraries}/${name}.sh\n`);
  const text = `${read.join("")}${script}`;
  const { stdout } = await run(program, [...first, "-c", text, "sh", ...args], { env: { PATH: shell.path } });
  return stdout;
}

export async function reactTo(shell: Shell, boot: FailedBoot, code = "image-missing"): Promise<Reaction> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-initrd-"));
  try {
    const esp = join(folder, "esp");
    const variables = join(folder, "efivars");
    await mkdir(variables, { recursive: true });
    await mkdir(join(esp, "EFI/Linux"), { recursive: true });
    const entries = boot.entries.map((name) => [name.includes("/") ? name : `EFI/Linux/${name}`, "MZ"] as const);
    for (const [path, text] of [...entries, ...Object.entries(boot.files ?? {})]) {
      await mkdir(dirname(join(esp, path)), { recursive: true });
      await writeFile(join(esp, path), text);
    }
    for (const [name, text] of Object.entries(boot.variables ?? {}))
      await writeFile(join(variables, `${name}-${vendor}`), variableBytes(text));
    if (boot.before !== undefined) await run("sh", ["-c", boot.before], { cwd: esp });
    const script = `react "$1" "$2" ${code} "said so"; echo "$decision"; echo "$chosen"; echo "$recorded"`;
    const printed = await inShell(shell, script, boot.noEsp === true ? "" : esp, variables);
    const [decision = "", chosen = "", recorded = ""] = printed.split("\n");
    const oneShot = await readFile(join(variables, `LoaderEntryOneShot-${vendor}`)).catch(() => undefined);
    const failures = await readFile(join(esp, "EFI/holdfast/failures.txt"), "utf8").catch(() => "");
    const confs = await readdir(join(esp, "loader/entries")).catch(() => []);
    return {
      decision,
      chosen,
      recorded,
      entries: [
        ...confs.map((name) => `loader/entries/${name}`),
        ...(await readdir(join(esp, "EFI/Linux"))),
      ].toSorted(),
      oneShot: oneShot && textOf(oneShot),
      failures: failures
        .split("\n")
        .filter((line) => line !== "")
        .map(withoutSeconds),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function withoutSeconds(line: string): string {
  const [seconds = "", ...rest] = line.split("\t");
  return `${/^\d{9,11}$/.test(seconds) ? "" : `(${seconds}) `}${rest.join(" ")}`;
}

/** Attributes and the zero at the end are checked on the way. */
function textOf(bytes: Buffer): string {
  if (bytes.readUInt32LE(0) !== 7) return `attributes ${bytes.readUInt32LE(0)}`;
  const text = bytes.subarray(4).toString("utf16le");
  return text.endsWith("\0") ? text.slice(0, -1) : `${text} without its end`;
}
