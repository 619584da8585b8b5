// systemd-sysupdate as the campaign drives it: Debian's own programs on the tree of a machine of the lab, as `--root`.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LabMachine } from "../../../tools/lab/machine-tree.ts";
import { describeMissing, ensureTools } from "../../../tools/toolbox/toolbox.ts";
import { program } from "../../e2e/run.ts";
import { type Command, type Death, execute, type Kill } from "../kills/execute.ts";

export type SubjectName = "holdfast" | "sysupdate257" | "sysupdate262";

/** An updater under test; the names are those of a headline's columns. */
export interface Subject {
  readonly name: SubjectName;
  /** For sentences: "systemd-sysupdate 257". */
  readonly title: string;
  /** `update` and `vacuum` mean the same to all of them; the machine is made by `makeMachine` and has a keyring. */
  command(machine: LabMachine, args: readonly string[]): Command;
  /** Runs it to its end, or to the end that is set for it. */
  run(machine: LabMachine, args: readonly string[], kill?: Kill): Promise<Death>;
}

export const holdfastSubject: Subject = subject("holdfast", "Holdfast", (machine, args) => ({
  argv: [program, ...args, "--root", machine.root],
  env: {},
}));

export interface Peers {
  readonly peers: readonly Subject[];
  /** Why one of them cannot be had here. */
  readonly notTried: readonly string[];
}

/** systemd reads the keyring of the machine it runs on, not of `--root`: it gets a folder of its own there. */
const underOwnKeyring = `
mount -t tmpfs tmpfs /etc/systemd
for name in import-pubring.pgp import-pubring.gpg; do cp "$1" /etc/systemd/$name; done
shift
exec "$@"
`;

/** Both versions of systemd-sysupdate, where they can be had. */
export async function findPeers(say?: (line: string) => void): Promise<Peers> {
  const versions = [257, 262] as const;
  const names = versions.map((version) => `systemd-sysupdate-${version}`);
  const tools = await ensureTools(names, say === undefined ? {} : { say });
  const notTried = [...describeMissing(tools.missing)];
  if (!existsSync("/etc/systemd")) return { peers: [], notTried: ["there is no folder /etc/systemd to show keys in"] };
  const verify = await runs("gpg");
  if (!verify) notTried.push("signatures: there is no gpg here, so systemd-sysupdate ran with --verify=no");
  const lacking = tools.missing.map(({ program: name }) => name);
  const peers = versions
    .filter((version) => !lacking.includes(`systemd-sysupdate-${version}`))
    .map((version) => peer(version, tools.path(`systemd-sysupdate-${version}`), verify));
  return { peers, notTried };
}

function peer(version: 257 | 262, path: string, verify: boolean): Subject {
  const user = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const inOwnKeyring = ["unshare", ...user, "--mount", "sh", "-ec", underOwnKeyring, "sh"];
  return subject(`sysupdate${version}`, `systemd-sysupdate ${version}`, (machine, args) => {
    const keyring = join(machine.root, "etc/systemd/import-pubring.pgp");
    const options = verify ? [`--root=${machine.root}`] : [`--root=${machine.root}`, "--verify=no"];
    return {
      argv: [...inOwnKeyring, keyring, path, ...options, ...args],
      // It takes the ESP of --root from where it is told; Holdfast finds it there by itself.
      env: { SYSTEMD_ESP_PATH: "/efi" },
    };
  });
}

function subject(name: SubjectName, title: string, command: Subject["command"]): Subject {
  return { name, title, command, run: async (machine, args, kill) => execute(command(machine, args), kill) };
}

async function runs(tool: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(tool, ["--version"], (error) => resolve(error === null));
  });
}
