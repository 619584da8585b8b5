// Programs the host has already, when they are new enough.
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";

/** Compares versions of digits and dots: negative, zero or positive. */
export function compareVersions(left: string, right: string): number {
  const numbers = right.split(".").map(Number);
  const differences = left.split(".").map((part, index) => Number(part) - (numbers[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? differences.length - numbers.length;
}

/** The host's program of that name if it tells a version of at least `atLeast`; folders for root's programs included. */
export async function hostProgram(program: string, atLeast: string, searchPath: string): Promise<string | undefined> {
  const folders = [...searchPath.split(":").filter((folder) => folder.startsWith("/")), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    const path = join(folder, program);
    if (!(await isExecutable(path))) continue;
    const version = await versionOf(path);
    if (version !== undefined && compareVersions(version, atLeast) >= 0) return path;
  }
  return undefined;
}

/** The first number of what a program says of itself that is no part of a name: 1.8.6, v6.14, 262. */
export function toldVersion(text: string): string | undefined {
  return /(?<![\w.-])v?(\d+(?:\.\d+)*)/.exec(text)?.[1];
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function versionOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(path, ["--version"], { timeout: 5000 }, (_error, stdout, stderr) => {
      resolve(toldVersion(`${stdout}${stderr}`));
    });
  });
}
