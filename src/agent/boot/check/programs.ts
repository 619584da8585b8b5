// Health checks as programs, in greenboot's layout: required.d and wanted.d, exit code 0 is good (P8).
import { Fault } from "../../../base/fault.ts";
import { type CheckProgram, type CheckResult, chooseChecks } from "../../../domain/boot/health.ts";
import type { RunResult } from "../../../port/process.ts";
import type { Session } from "../../session.ts";
import { listIfThere } from "../../state/small-file.ts";

/** A name in /etc masks the same one in /usr. Ours come before greenboot's, which keeps names of its own. */
const roots = ["/etc/holdfast/check", "/usr/lib/holdfast/check", "/etc/greenboot/check", "/usr/lib/greenboot/check"];
const outputMax = 4096;
const checksMax = 200;

async function itemsOf(session: Session, folder: string): Promise<{ name: string; masked: boolean }[]> {
  const { disk } = session.machine;
  const items: { name: string; masked: boolean }[] = [];
  for (const { name, kind } of (await listIfThere(disk, folder)).slice(0, checksMax)) {
    if (kind === "symlink") items.push({ name, masked: (await disk.readLink(`${folder}/${name}`)) === "/dev/null" });
    else if (kind === "file") items.push({ name, masked: false });
  }
  return items;
}

export async function findPrograms(session: Session): Promise<readonly CheckProgram[]> {
  const folders: Parameters<typeof chooseChecks>[0][number][] = [];
  for (const root of roots) {
    for (const required of [true, false]) {
      const folder = `${root}/${required ? "required" : "wanted"}.d`;
      folders.push({ folder, required, items: await itemsOf(session, folder) });
    }
  }
  return chooseChecks(folders);
}

/** greenboot hands every script to bash, executable or not; so does this where it is no program by itself. */
async function start(session: Session, { path }: CheckProgram, timeoutMs: number): Promise<RunResult> {
  const { disk, process } = session.machine;
  const target = (await disk.resolve(path)) ?? path;
  const mode = (await disk.stat(target))?.mode ?? 0;
  if ((mode & 0o111) !== 0) return process.run(path, [], { timeoutMs });
  if (!path.endsWith(".sh"))
    throw new Fault("not-a-program", `Cannot run ${path}: it is not executable`, { hint: `Run: chmod +x ${path}` });
  try {
    return await process.run("bash", [path], { timeoutMs });
  } catch (error) {
    if (error instanceof Fault && error.code === "tool-missing") return process.run("sh", [path], { timeoutMs });
    throw error;
  }
}

function endOf({ stdout, stderr }: RunResult): string {
  const text = [stdout, stderr].filter((part) => part.trim() !== "").join("\n");
  return text.length > outputMax ? `…${text.slice(-outputMax)}` : text;
}

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1)?.slice(0, 300) ?? "";
}

/** `timeMs`: what is left of the common deadline, or the time of one check if that is less. */
export async function runProgram(session: Session, program: CheckProgram, timeMs: number): Promise<CheckResult> {
  const { name, required } = program;
  const began = session.machine.clock.elapsedMs();
  const result = (state: CheckResult["state"], text: string, output?: string): CheckResult => ({
    name,
    required,
    state,
    text,
    durationMs: Math.round(session.machine.clock.elapsedMs() - began),
    ...(output === undefined || output === "" ? {} : { output }),
  });
  if (timeMs <= 0) return result("failed", "there was no time left to run it");
  try {
    const ended = await start(session, program, timeMs);
    const output = endOf(ended);
    if (ended.exitCode === 0) return result("passed", lastLine(output), output);
    return result("failed", `exit code ${ended.exitCode}${output === "" ? "" : `: ${lastLine(output)}`}`, output);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return result("failed", error.code === "timed-out" ? `no end after ${Math.round(timeMs / 1000)} s` : error.message);
  }
}
