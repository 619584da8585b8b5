// `npm start -- serve`: serves the repository of the last demonstration again, at the address its machine knows.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FaultServer } from "../lab/fault-server.ts";
import { machineAt } from "../lab/machine-tree.ts";
import { usualPlace } from "./place.ts";
import { fact, say } from "./screen.ts";

/** Serves until Ctrl-C. */
export async function serveAgain(): Promise<void> {
  const { definitions } = machineAt(join(usualPlace, "machine"));
  const transfer = await readFile(join(definitions, "20-root.transfer"), "utf8").catch(() => "");
  const port = /^Path=http:\/\/127\.0\.0\.1:(\d+)\//m.exec(transfer)?.[1];
  if (port === undefined) throw new Error("Cannot serve: there is no demonstration yet. Run `npm start` first.");
  await using server = await FaultServer.start(join(usualPlace, "repository"), {
    port: Number(port),
    onRequest: (request) => fact(request.method, `${request.path} ${request.status} ${request.bytes} bytes`),
  });
  say(`Serving ${server.url}/ until Ctrl-C.`);
  await once(process, "SIGINT");
}
