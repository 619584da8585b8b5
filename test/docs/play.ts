// Plays a session of the documentation in a scene, and holds what it printed against what the page shows.
import { spawn } from "node:child_process";
import type { Block, SessionCommand } from "../../tools/docs/blocks.ts";
import { sessionOf } from "../../tools/docs/blocks.ts";
import type { SceneFolder } from "./scenes.ts";

/** Folders that a page may mean when it names one from the root. */
const rooted =
  /(?<=^|[\s=:'"(<>])\/(?=(?:srv|etc|efi|system|var|tmp|media|defs|home|mnt|run|usr\/lib\/holdfast)(?:[/\s'":;)]|$))/gm;
const secondsMax = 600;
const end = "\u001e";

/** One bash for all commands of a session, so that variables and folders stay; resolves with what each printed. */
async function runCommands(
  block: Block,
  commands: readonly SessionCommand[],
  scene: SceneFolder,
): Promise<readonly { readonly output: string; readonly exitCode: number }[]> {
  // Lines without prompts are one script, which ends with the first that fails.
  const open = block.language === "sh" ? "( set -e\n" : "{ ";
  const close = block.language === "sh" ? ")" : "}";
  const script = commands
    .map(
      ({ text }) => `${open}${text.replaceAll(rooted, `${scene.root}/`)}\n${close} 2>&1; printf '${end}%s${end}' $?\n`,
    )
    .join("");
  const env = { PATH: `${scene.bin}:${process.env["PATH"] ?? ""}`, LC_ALL: "C.UTF-8", HOME: scene.root };
  const child = spawn("bash", ["--norc", "-c", script], { cwd: scene.root, env, stdio: ["ignore", "pipe", "inherit"] });
  const hangs = setTimeout(() => child.kill("SIGKILL"), secondsMax * 1000);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  clearTimeout(hangs);
  const parts = text.split(end);
  return commands.map((_, index) => ({
    output: (parts[index * 2] ?? "").replaceAll(scene.root, ""),
    exitCode: Number(parts[index * 2 + 1] ?? -1),
  }));
}

const normal: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z| \d{2}:\d{2} UTC)?/g, "DATE"],
  [/\d+(?:\.\d+)? (?:B|KiB|MiB|GiB|TiB)\b/g, "SIZE"],
  [/\b[0-9a-f]{40,}\b/gi, "DIGEST"],
  [/\b(?:just now|\d+ (?:seconds?|minutes?|hours?|days?) ago)\b/g, "AGO"],
  [/\b\d+(?:\.\d+)? (?:s|ms)\b/g, "TIME"],
  [/\b\d+(?:\.\d+)?%/g, "PERCENT"],
  [/\b(?:ext4|btrfs|xfs|tmpfs|overlay|overlayfs)\b/g, "FILESYSTEM"],
  [/127\.0\.0\.1:\d+/g, "ADDRESS"],
  [/\bheld \d+ \d+\b/g, "held NUMBER NUMBER"],
  [/\b\d+ (chunks|files|requests|power cuts|disk states|moments|releases)\b/g, "NUMBER $1"],
];

/** What of a text counts: no sizes, dates, digests, times; and any white space is one space. */
export function normalised(text: string): string {
  let out = text.replaceAll(/\s+/g, " ").trim();
  for (const [pattern, word] of normal) out = out.replaceAll(pattern, word);
  return out;
}

const progressLine = /^\[\d+\/\d+\] .*\n/gm;

/**
 * The first part of what is shown that was not printed, or undefined. A line "..." stands for any lines; progress counts
 * only where the page shows it.
 */
export function difference(shown: string, printed: string): string | undefined {
  const parts = shown.split(/^\s*(?:\.\.\.|…)\s*$/m).map(normalised);
  const whole = normalised(/^\[1\//m.test(shown) ? printed : printed.replaceAll(progressLine, ""));
  if (parts.length === 1) return parts[0] === whole ? undefined : (parts[0] ?? "");
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const found = index === parts.length - 1 && part !== "" ? whole.lastIndexOf(part) : whole.indexOf(part, at);
    const misplaced =
      (index === 0 && found !== 0) ||
      (index === parts.length - 1 && part !== "" && found + part.length !== whole.length);
    if (found < at || misplaced) return part;
    at = found + part.length;
  }
  return undefined;
}

/** What is wrong with a block, a text each. */
export async function play(block: Block, scene: SceneFolder): Promise<readonly string[]> {
  const commands = sessionOf(block);
  const ended = await runCommands(block, commands, scene);
  const problems: string[] = [];
  for (const [index, { text, shown }] of commands.entries()) {
    const { output = "", exitCode = -1 } = ended[index] ?? {};
    const wanted = index === commands.length - 1 ? block.exitCode : 0;
    const where = `${block.page}:${block.line}: ${text}`;
    if (exitCode !== wanted) problems.push(`${where}\nended with ${exitCode}, not with ${wanted}:\n${output}`);
    else if (shown !== "") {
      const missing = difference(shown, output);
      if (missing !== undefined)
        problems.push(`${where}\nthe page shows:\n${missing}\nand it printed:\n${normalised(output)}\n\n${output}`);
    }
  }
  return problems;
}
