// systemctl, on the machine we run on or on the tree of one that is switched off: asked one unit at a time, since an
// unknown one among several makes it say nothing of the others.
import { Fault } from "../../base/fault.ts";
import type { Process, RunResult } from "../../port/process.ts";

const timeoutMs = 60_000;

/** What `systemctl is-enabled` answers; `absent` where there is no such unit. */
export type UnitState = "enabled" | "enabled-runtime" | "disabled" | "masked" | "static" | "absent" | "other";

const states: ReadonlySet<string> = new Set(["enabled", "enabled-runtime", "disabled", "static"]);

export class Systemctl {
  readonly #process: Process;
  readonly #root: readonly string[];
  /** Whether units can be started and stopped. */
  readonly live: boolean;

  /** `root`: folder of the host with the tree of a machine that is switched off. */
  constructor(process: Process, root: string | undefined) {
    this.#process = process;
    this.#root = root === undefined ? [] : [`--root=${root}`];
    this.live = root === undefined;
  }

  #run(args: readonly string[]): Promise<RunResult> {
    return this.#process.run("systemctl", [...this.#root, ...args], { timeoutMs });
  }

  async state(unit: string, options: readonly string[] = []): Promise<UnitState> {
    const { stdout, stderr } = await this.#run(["is-enabled", ...options, unit]);
    const word = stdout.trim();
    if (states.has(word)) return word as UnitState;
    if (word.startsWith("masked")) return "masked";
    return word === "not-found" || /No such file|does not exist|not found/i.test(stderr) ? "absent" : "other";
  }

  /** Of these units of all users' sessions, those that are in `state` now are switched by `verb`. Returns their names. */
  async forUsers(verb: "enable" | "disable", state: UnitState, units: readonly string[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const unit of units) if ((await this.state(unit, ["--global"])) === state) found.push(unit);
    await this.do(verb, found, ["--global"]);
    return found;
  }

  async isActive(unit: string): Promise<boolean> {
    return this.live && (await this.#run(["is-active", "--quiet", unit])).exitCode === 0;
  }

  /** `enable`, `disable`, `start`, `stop`, `mask`, `unmask`. Nothing is run for no units. */
  async do(verb: string, units: readonly string[], options: readonly string[] = []): Promise<void> {
    if (units.length === 0) return;
    const { exitCode, stderr } = await this.#run([verb, "--quiet", ...options, ...units]);
    if (exitCode === 0) return;
    throw new Fault("systemctl-failed", `Cannot ${verb} ${units.join(", ")}: ${stderr.trim().slice(0, 500)}`, {
      hint: "Run as root. `systemctl status` says more of each of them.",
    });
  }
}
