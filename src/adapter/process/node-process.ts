// The Process port on the machine we run on: a few programs of the system, called without a shell, and facts about us.
import { readFile } from "node:fs/promises";
import { arch, hostname, release } from "node:os";
import { Fault } from "../../base/fault.ts";
import type { Process } from "../../port/process.ts";
import { runProgram } from "./run-program.ts";

/** The variables that Holdfast documents; any other name is a bug of ours. */
const documented =
  /^(SYSTEMD_ESP_PATH|SYSTEMD_XBOOTLDR_PATH|SYSTEMD_OPENPGP_KEYRING|SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS|SYSTEMD_SYSUPDATE_FORCE_NOTIFY|SYSTEMD_RELAX_ESP_CHECKS|NO_COLOR|TERM|COLUMNS|HOLDFAST_[A-Z_]+)$/;

/** Node's names to systemd's (`%a` in definitions); what is not here has the same name in both. */
const architectures: Readonly<Record<string, string>> = {
  x64: "x86-64",
  ia32: "x86",
  ppc64: "ppc64-le",
  loong64: "loongarch64",
  mips: "mips",
  mipsel: "mips-le",
};

export interface NodeProcessOptions {
  /** "/" when the machine is the one we run on. */
  readonly root: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function nodeProcess(options: NodeProcessOptions): Process {
  const env = options.env ?? process.env;
  const own = options.root === "/";
  return {
    run: (program, args, runOptions = {}) => runProgram(program, args, { ...runOptions, path: env["PATH"] }),
    pid: process.pid,
    isRoot: process.geteuid?.() === 0,
    environment(name) {
      if (!documented.test(name)) throw new Error(`Assertion failed: ${name} is not a documented variable`);
      return env[name];
    },
    architecture: architectures[arch()] ?? arch(),
    hostName: hostname(),
    kernelRelease: release(),
    async bootId() {
      if (!own) return undefined;
      const id = await readFile("/proc/sys/kernel/random/boot_id", "latin1").catch(() => "");
      return /^[0-9a-f-]{36}\n$/.test(id) ? id.trim() : undefined;
    },
    async reboot() {
      if (!own)
        throw new Fault("not-running", `Cannot reboot: ${options.root} is not the machine that is running`, {
          kind: "usage",
        });
      const { exitCode, stderr } = await runProgram("systemctl", ["reboot"], { path: env["PATH"] });
      if (exitCode !== 0) {
        throw new Fault("reboot-failed", `Cannot reboot: systemctl says ${stderr.trim() || `exit code ${exitCode}`}`, {
          hint: "Reboot by hand: the update is complete.",
        });
      }
    },
  };
}
