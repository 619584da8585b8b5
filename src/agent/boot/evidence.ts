// What a boot that failed left behind: crash reports of the kernel, and the end of its log (P8).
import { Fault } from "../../base/fault.ts";
import { joinParts, type Panic } from "../../domain/boot/panic-report.ts";
import type { Session } from "../session.ts";
import { listIfThere, readSmall } from "../state/small-file.ts";

/** Where the firmware keeps them, and where systemd-pstore moves them at the next boot (systemd-pstore.service(8)). */
const places = ["/sys/fs/pstore", "/var/lib/systemd/pstore"];
const reportsMax = 200;
const depthMax = 3;
const bytesMax = 256 * 1024;
const logLines = 12;
const bootsMax = 3;

async function textOf(session: Session, path: string): Promise<string> {
  const bytes = await readSmall(session.machine.disk, path, bytesMax).catch(() => undefined);
  return new TextDecoder("utf-8", { fatal: false }).decode(bytes ?? new Uint8Array());
}

async function* reportsIn(session: Session, folder: string, depth: number): AsyncGenerator<string> {
  for (const { name, kind } of await listIfThere(session.machine.disk, folder).catch(() => [])) {
    const path = `${folder}/${name}`;
    if (kind === "folder" && depth < depthMax) yield* reportsIn(session, path, depth + 1);
    else if (kind === "file" && /^(?:dmesg|console)/.test(name)) yield path;
  }
}

/** All crash reports; those in `seen` are not read again. */
export async function readPanics(
  session: Session,
  seen: ReadonlySet<string>,
): Promise<{ readonly panics: readonly Panic[]; readonly names: readonly string[] }> {
  const names: string[] = [];
  const panics: Panic[] = [];
  for (const place of places) {
    for await (const name of reportsIn(session, place, 0)) {
      if (names.length >= reportsMax) return { panics: joinParts(panics), names };
      names.push(name);
      if (!seen.has(name)) panics.push({ name, text: await textOf(session, name) });
    }
  }
  return { panics: joinParts(panics), names };
}

async function journal(session: Session, args: readonly string[]): Promise<string> {
  try {
    const { exitCode, stdout } = await session.machine.process.run("journalctl", ["--no-pager", "--quiet", ...args], {
      timeoutMs: 20_000,
    });
    return exitCode === 0 ? stdout : "";
  } catch (error) {
    if (error instanceof Fault) return "";
    throw error;
  }
}

/** The last lines of the logs of these boots, as far as they were kept; the newest first. */
export async function lastLines(session: Session, bootIds: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const bootId of bootIds.slice(0, bootsMax)) {
    const id = bootId.replaceAll("-", "");
    if (!/^[0-9a-f]{32}$/.test(id)) continue;
    const text = await journal(session, ["--boot", id, "--lines", String(logLines), "--output", "short-monotonic"]);
    lines.push(
      ...text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => `log: ${line.slice(0, 300)}`),
    );
  }
  return lines;
}

/** Ids of the boots before this one that the log knows, the newest first. */
export async function loggedBoots(session: Session): Promise<readonly string[]> {
  const text = await journal(session, ["--list-boots", "--output", "json"]);
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) return [];
    return list
      .flatMap((item: { readonly boot_id?: unknown; readonly index?: unknown } | null) =>
        typeof item?.boot_id === "string" && item.index !== 0 ? [item.boot_id] : [],
      )
      .toReversed();
  } catch {
    return [];
  }
}
