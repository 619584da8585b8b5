// All that serving a handed connection needs of the world.
import type { Authority, Origin } from "../../varlink/caller.ts";
import type { Timer } from "../../varlink/inbox.ts";
import type { Connection } from "../../varlink/serve.ts";
import { nodeProcess } from "../process/node-process.ts";
import { handedConnection, isHandedConnection, originOf } from "./handed-connection.ts";
import { polkitAuthority } from "./polkit.ts";

export interface TakenConnection extends AsyncDisposable {
  readonly connection: Connection;
  readonly origin: Origin;
  readonly authority: Authority;
  readonly after: Timer;
  readonly elapsedMs: () => number;
}

const after: Timer = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};

/** `undefined` where this process was handed no connection. What it starts does not take itself for its owner. */
export async function takeConnection(
  instance: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<TakenConnection | undefined> {
  if (!isHandedConnection(environment, process.pid)) return undefined;
  for (const name of ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID"]) delete environment[name];
  const connection = handedConnection();
  return {
    connection,
    origin: originOf(instance),
    authority: polkitAuthority(nodeProcess({ root: "/" }), (line) => process.stderr.write(`holdfast: ${line}\n`)),
    after,
    elapsedMs: () => performance.now(),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
