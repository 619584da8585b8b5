// A server on loopback that does what a test's script says, faults included.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ScriptedAnswer } from "../../port/http.contract.ts";

export interface ScriptedServer extends AsyncDisposable {
  readonly base: string;
  readonly port: number;
  /** The requests so far. */
  readonly requests: readonly IncomingMessage[];
}

export async function serve(listener: RequestListener): Promise<ScriptedServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  return opened(server, "http", requests);
}

/** Listens on loopback; `server` may be one for TLS. */
export async function opened(
  server: Server,
  scheme: "http" | "https",
  requests: readonly IncomingMessage[],
): Promise<ScriptedServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `${scheme}://127.0.0.1:${port}`,
    port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Serves what `answers` says at each path. */
export function scripted(answers: Readonly<Record<string, ScriptedAnswer>>): RequestListener {
  return (request, response) => {
    const answer = answers[request.url ?? ""];
    if (answer === undefined) response.writeHead(404).end("nothing here");
    else play(answer, request, response);
  };
}

function play(answer: ScriptedAnswer, request: IncomingMessage, response: ServerResponse): void {
  const whole = Buffer.from(answer.body ?? new Uint8Array());
  const headers: Record<string, string | number> = { ...answer.headers };
  const [, range, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const ifRange = request.headers["if-range"];
  const isRange =
    answer.ranges === true && range !== undefined && (ifRange === undefined || ifRange === answer.headers?.["etag"]);
  const start = isRange ? Number(range) + (answer.rangeShift ?? 0) : 0;
  const end =
    isRange && last !== "" ? Math.min(Number(last) + 1 + (answer.rangeShift ?? 0), whole.length) : whole.length;
  if (isRange && start >= whole.length) {
    response.writeHead(416, { "content-range": `bytes */${whole.length}` }).end();
    return;
  }
  if (isRange) headers["content-range"] = `bytes ${start}-${end - 1}/${whole.length}`;
  const body = whole.subarray(start, end);
  headers["content-length"] ??= body.length;
  response.writeHead(isRange ? 206 : (answer.status ?? 200), headers);
  if (request.method === "HEAD") response.end();
  // Dropped after its last byte a body is whole, yet undici sometimes calls it lost when its reader is slow.
  else if (answer.cutAfterBytes !== undefined && answer.cutAfterBytes < body.length)
    response.write(body.subarray(0, answer.cutAfterBytes), () => response.destroy());
  else if (answer.stallAfterBytes !== undefined) response.write(body.subarray(0, answer.stallAfterBytes));
  else response.end(body);
}
