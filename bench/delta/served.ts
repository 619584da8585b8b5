// A folder on the web server of the benches of deltas, and what it counted.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import type { Traffic } from "./web-server.ts";

export interface Served extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** What was asked for and sent since the last call. */
  traffic(): Promise<Traffic>;
}

export async function serve(folder: string): Promise<Served> {
  const script = join(import.meta.dirname, "web-server.ts");
  const child = spawn(process.execPath, [script, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("The web server of the benches ended");
    return value;
  };
  const url = await next();
  return {
    url,
    traffic: async () => {
      child.stdin.write("\n");
      return JSON.parse(await next()) as Traffic;
    },
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.stdin.end();
      await ended;
    },
  };
}
