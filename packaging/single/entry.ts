// Where the single executable begins: the command line, a confined child of itself, or a question of its package.
import { basename } from "node:path";
import { workerWord } from "../../src/adapter/confined/launch.ts";

export async function begin(): Promise<void> {
  const [, , word, first = "", second = ""] = process.argv;
  if (word === workerWord) return (await import("../../src/adapter/confined/worker.ts")).work(first, second);
  if (word === "package-wait") {
    process.exitCode = await (await import("./package-wait.ts")).waitUntilIdle(Number(first));
    return;
  }
  // The name it was called by, as the launcher of a checkout passes it on.
  process.env["HOLDFAST_INVOKED_AS"] = basename(process.argv0);
  await import("../../src/main.ts");
}
