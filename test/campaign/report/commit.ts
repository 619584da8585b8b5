// Which commit a result was found on. Only what the result depends on counts as changed: the product, the lab, the part.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../../..");

/** Abbreviated; with `+` when the product, the lab or the part of this name held changes; "unknown" without git. */
export async function commitOf(part: string): Promise<string> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("git", ["-C", root, ...args])).stdout.trim();
  try {
    const places = ["src", "bin", "package-lock.json", "tools/lab", `:(glob)test/campaign/**/${part}/**`];
    const changed = await git("status", "--porcelain", "--", ...places);
    return `${await git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : "+"}`;
  } catch {
    return "unknown";
  }
}
