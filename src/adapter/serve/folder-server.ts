// Serves a folder of plain files over HTTP/1.1 for trying out and small sites: whole files and single ranges (RFC 9110 section
// 14), strong ETags, no compression, nothing whose name begins with a dot, and nothing outside of the folder.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { Fault } from "../../base/fault.ts";

export interface Served {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly status: number;
  /** Of the body, as many as were sent. */
  readonly bytes: number;
  readonly milliseconds: number;
  readonly from: string;
}

export interface FolderServerOptions {
  readonly folder: string;
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly onRequest: (served: Served) => void;
}

export interface FolderServer extends AsyncDisposable {
  readonly url: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly from: number;
  /** Bytes of the body. */
  readonly length: number;
}

/** Faults: `cannot-serve`, `not-found`. */
export async function serveFolder(options: FolderServerOptions): Promise<FolderServer> {
  const root = await folderAt(options.folder);
  const server = createServer((request, response) => void handle(root, request, response, options.onRequest));
  server.requestTimeout = 60_000;
  await listen(server, options);
  const { port, family, address } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  return {
    url: `http://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function folderAt(path: string): Promise<string> {
  let cause: unknown;
  let state = "it is not a folder";
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    cause = error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    state = isMissing ? "there is no such folder" : "it cannot be opened";
  }
  throw new Fault("not-found", `Cannot serve ${path}: ${state}`, {
    hint: `Name the folder of a repository, or make one with: holdfast repo init ${path} --key=FILE`,
    kind: "usage",
    ...(cause === undefined ? {} : { cause }),
  });
}

function listen(server: Server, { address, port }: FolderServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new Fault("cannot-serve", `Cannot serve at ${address}, port ${port}: ${cause.code ?? cause.message}`, {
          hint: "Choose another port with --port, or an address of this machine with --address.",
          cause,
        }),
      ),
    );
    server.listen(port, address, () => resolve());
  });
}

async function handle(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  onRequest: (served: Served) => void,
): Promise<void> {
  const begin = performance.now();
  let bytes = 0;
  try {
    bytes = await answer(root, request, response);
  } catch {
    // The line went, or the file did while it was sent.
    if (response.headersSent) response.destroy();
    else plain(response, 500, "");
  }
  onRequest({
    method: request.method ?? "",
    path: request.url ?? "",
    range: request.headers.range,
    status: response.statusCode,
    bytes,
    milliseconds: performance.now() - begin,
    from: request.socket.remoteAddress ?? "",
  });
}

function plain(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): number {
  response.writeHead(status, { "content-type": "text/plain", "content-length": text.length, ...headers }).end(text);
  return text.length;
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<number> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") return plain(response, 405, "", { allow: "GET, HEAD" });
  const path = pathOf(request.url ?? "");
  await using file = path === undefined ? undefined : await openBelow(root, path);
  if (file === undefined) return plain(response, 404, "Not here.\n");
  const { status, headers, from, length } = await describe(file, request.headers);
  response.writeHead(status, headers);
  if (method === "HEAD" || length === 0) {
    response.end();
    return 0;
  }
  const source = file.createReadStream({
    start: from,
    end: from + length - 1,
    autoClose: false,
    highWaterMark: 1 << 18,
  });
  let sent = 0;
  source.on("data", (piece) => (sent += piece.length));
  await pipeline(source, response).catch(() => undefined);
  return sent;
}

/** Parts of the path, decoded; `undefined` for what is not served: the folder itself, dots, what is no text. */
export function pathOf(url: string): readonly string[] | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? "");
  } catch {
    return undefined;
  }
  const parts = decoded.split("/").slice(1);
  const good = (part: string): boolean => part !== "" && !part.startsWith(".") && !/[\0\\]/.test(part);
  return decoded.startsWith("/") && parts.length > 0 && parts.every(good) ? parts : undefined;
}

/** Links inside the folder are followed, others lead nowhere. */
async function openBelow(root: string, parts: readonly string[]): Promise<FileHandle | undefined> {
  const real = await realpath(join(root, ...parts)).catch(() => undefined);
  if (real?.startsWith(`${root}${sep}`) !== true) return undefined;
  if (
    real
      .slice(root.length)
      .split(sep)
      .some((part) => part.startsWith("."))
  )
    return undefined;
  const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

async function describe(file: FileHandle, headers: IncomingMessage["headers"]): Promise<Answer> {
  const { size, mtimeNs, ino } = await file.stat({ bigint: true });
  const length = Number(size);
  const etag = `"${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}"`;
  const common = {
    etag,
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "cache-control": "no-cache",
    "last-modified": new Date(Number(mtimeNs / 1_000_000n)).toUTCString(),
  };
  if (names(headers["if-none-match"], etag)) return { status: 304, headers: { etag }, from: 0, length: 0 };
  if (headers["if-match"] !== undefined && !names(headers["if-match"], etag))
    return { status: 412, headers: { etag, "content-length": 0 }, from: 0, length: 0 };
  const ifRange = headers["if-range"];
  const range = ifRange === undefined || ifRange === etag ? rangeOf(headers.range, length) : undefined;
  if (range === "unsatisfiable")
    return { status: 416, headers: { "content-range": `bytes */${length}`, "content-length": 0 }, from: 0, length: 0 };
  if (range === undefined) return { status: 200, headers: { ...common, "content-length": length }, from: 0, length };
  const [from, end] = range;
  const part = { "content-range": `bytes ${from}-${end - 1}/${length}`, "content-length": end - from };
  return { status: 206, headers: { ...common, ...part }, from, length: end - from };
}

const names = (list: string | undefined, etag: string): boolean =>
  list !== undefined && list.split(",").some((one) => ["*", etag, `W/${etag}`].includes(one.trim()));

/** The one range that was asked for, its end behind the last byte; `undefined`: the whole, also where several were. */
export function rangeOf(
  header: string | undefined,
  length: number,
): readonly [from: number, end: number] | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const count = Math.min(Number(last), length);
    return count === 0 ? "unsatisfiable" : [length - count, length];
  }
  const from = Number(first);
  const end = last === "" ? length : Math.min(Number(last) + 1, length);
  if (last !== "" && Number(last) < from) return undefined;
  return from >= length ? "unsatisfiable" : [from, end];
}
