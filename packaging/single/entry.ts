// Where the single executable begins: the command line, or a confined child of itself.
import { basename } from "node:path";
import { workerWord } from "../../src/adapter/confined/launch.ts";

export async function begin(): Promise<void> {
  const [, , word, task = "", identity = ""] = process.argv;
  if (word === workerWord) return (await import("../../src/adapter/confined/worker.ts")).work(task, identity);
  // The name it was called by, as the launcher of a checkout passes it on.
  process.env["HOLDFAST_INVOKED_AS"] = basename(process.argv0);
  await import("../../src/main.ts");
}
