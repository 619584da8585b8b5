// Runs an unmodified systemd-sysupdate on the tree of a machine of the lab, with that machine's keyring.
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { LabMachine } from "../../tools/lab/machine-tree.ts";

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
}

export function run(program: string, args: readonly string[]): Promise<Ran> {
  // systemd takes the ESP of --root from where it is told; Holdfast finds it there by itself.
  const options = { env: { ...process.env, SYSTEMD_ESP_PATH: "/efi" }, timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ exitCode: typeof code === "number" ? code : 1, output: `${stdout}${stderr}` });
    });
  });
}

/** systemd reads the keyring of the machine it runs on, not of `--root`: it gets a folder of its own there. */
const underOwnKeyring = `
mount -t tmpfs tmpfs /etc/systemd
for name in import-pubring.pgp import-pubring.gpg; do cp "$1" /etc/systemd/$name; done
shift
exec "$@"
`;

export function runPeer(program: string, machine: LabMachine, options: readonly string[]): Promise<Ran> {
  const user = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const keyring = join(machine.root, "etc/systemd/import-pubring.pgp");
  const command = [program, `--root=${machine.root}`, ...options, "update"];
  return run("unshare", [...user, "--mount", "sh", "-ec", underOwnKeyring, "sh", keyring, ...command]);
}

export async function hasGpg(): Promise<boolean> {
  return (await run("gpg", ["--version"])).exitCode === 0;
}
