// An HTTP server over a folder, on loopback, that misbehaves as told and keeps count of what it sent (peers.md's server faults).
import { open, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { FaultScript, type Misbehaviour, type Rule } from "./fault-script.ts";
import { ended, sendBytes, type ByteSource } from "./send-bytes.ts";

export interface FaultServerOptions {
  /** A fixed port, for a machine tree that is used again; 0 (default) takes a free one. */
  readonly port?: number;
  /** For every answer together; a rule's own rate overrides it. */
  readonly bytesPerSecond?: number;
  /** PEM texts of a certificate and its key: serves https. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Called after each request, for displays. */
  readonly onRequest?: (request: LoggedRequest) => void;
}

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** 0 when the connection was broken before an answer. */
  readonly status: number;
  /** Bytes of the body that went out. */
  readonly bytes: number;
  /** The whole answer went out. */
  readonly complete: boolean;
  readonly misbehaviour: Misbehaviour;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | number>;
  readonly first: number;
  readonly length: number;
}

export class FaultServer {
  readonly folder: string;
  readonly log: LoggedRequest[] = [];
  readonly #script = new FaultScript();
  readonly #options: FaultServerOptions;
  readonly #server: Server;
  readonly #sent = new Map<string, number>();
  readonly #closing = new AbortController();

  private constructor(folder: string, options: FaultServerOptions) {
    this.folder = folder;
    this.#options = options;
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      this.#answer(request, response).catch(() => response.destroy());
    };
    const { tls } = options;
    this.#server =
      tls === undefined ? createServer(listener) : createTlsServer({ cert: tls.certificate, key: tls.key }, listener);
  }

  /** Listens on 127.0.0.1. */
  static async start(folder: string, options: FaultServerOptions = {}): Promise<FaultServer> {
    const server = new FaultServer(folder, options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `${this.#options.tls === undefined ? "http" : "https"}://127.0.0.1:${this.port}`;
  }

  /** Bytes of bodies sent up to this moment, of all paths or of one, running answers included. */
  bytesSent(path?: string): number {
    if (path !== undefined) return this.#sent.get(path) ?? 0;
    return [...this.#sent.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Requests ended so far. */
  requests(path?: string): readonly LoggedRequest[] {
    return path === undefined ? this.log : this.log.filter((request) => request.path === path);
  }

  misbehave(...rules: readonly Rule[]): void {
    this.#script.add(...rules);
  }

  /** Forgets all rules: the server is well again. */
  heal(): void {
    this.#script.clear();
  }

  /** Breaks every connection and frees the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const path = decodeURIComponent((request.url ?? "/").split("?")[0] ?? "/");
    const misbehaviour = this.#script.next(method, path);
    const range = request.headers.range;
    const ifRange = request.headers["if-range"]?.toString();
    const log = (status: number, bytes: number, complete: boolean): void => {
      const logged = { method, path, range, ifRange, status, bytes, complete, misbehaviour };
      this.log.push(logged);
      this.#options.onRequest?.(logged);
    };
    if (misbehaviour.refuse === true) {
      request.socket.destroy();
      return log(0, 0, false);
    }
    if (misbehaviour.notHttp !== undefined) {
      request.socket.end(misbehaviour.notHttp);
      return log(0, 0, false);
    }
    await using source = await this.#source(path, misbehaviour);
    const answer = source === undefined ? notFound() : plan(source, misbehaviour, method, range, ifRange);
    response.writeHead(answer.status, answer.headers);
    if (source === undefined || method === "HEAD" || answer.length === 0) {
      await ended(response);
      return log(answer.status, 0, true);
    }
    const rate = misbehaviour.bytesPerSecond ?? this.#options.bytesPerSecond;
    const sent = await sendBytes(response, source, {
      ...answer,
      ...(rate === undefined ? {} : { bytesPerSecond: rate }),
      misbehaviour,
      signal: this.#closing.signal,
      onSent: (bytes) => this.#sent.set(path, (this.#sent.get(path) ?? 0) + bytes),
    });
    log(answer.status, sent, sent === answer.length);
  }

  async #source(
    path: string,
    { status, redirect, body, junkBytes }: Misbehaviour,
  ): Promise<(ByteSource & AsyncDisposable) | undefined> {
    if (junkBytes !== undefined) return junk(junkBytes);
    const inline = redirect === undefined ? (status === undefined ? body : `${status}\n`) : "moved\n";
    if (inline !== undefined) return inMemory(Buffer.from(inline));
    const place = join(this.folder, normalize(`/${path}`));
    const facts = await stat(place).catch(() => undefined);
    if (facts?.isFile() !== true) return undefined;
    const file = await open(place);
    return {
      sizeBytes: facts.size,
      etag: `"${facts.size.toString(16)}-${Math.round(facts.mtimeMs * 1000).toString(16)}"`,
      read: async (buffer, position) => (await file.read(buffer, 0, buffer.length, position)).bytesRead,
      [Symbol.asyncDispose]: async () => file.close(),
    };
  }
}

function inMemory(bytes: Buffer): ByteSource & AsyncDisposable {
  return {
    sizeBytes: bytes.length,
    etag: undefined,
    read: (buffer, position) => Promise.resolve(bytes.copy(buffer, 0, position)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function junk(sizeBytes: number): ByteSource & AsyncDisposable {
  return {
    sizeBytes,
    etag: undefined,
    read: (buffer) => Promise.resolve(buffer.fill(0x61).length),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function notFound(): Answer {
  return { status: 404, headers: { "content-length": 0 }, first: 0, length: 0 };
}

/** RFC 9110: one range of bytes, honoured when If-Range names the same file. */
function plan(
  source: ByteSource,
  misbehaviour: Misbehaviour,
  method: string,
  range?: string,
  ifRange?: string,
): Answer {
  const { status = 200, redirect, body, ignoreRange = false, chunked = false } = misbehaviour;
  const { contentLengthOff = 0, rangeOff = 0 } = misbehaviour;
  const etag = misbehaviour.etag ?? source.etag;
  const headers: Record<string, string | number> = {
    "content-type": body === undefined ? "application/octet-stream" : "text/html",
  };
  if (etag !== undefined) headers["etag"] = etag;
  if (misbehaviour.headerBytes !== undefined) headers["x-junk"] = "a".repeat(misbehaviour.headerBytes);
  if (redirect !== undefined) headers["location"] = redirect;
  const plain =
    redirect === undefined &&
    misbehaviour.status === undefined &&
    body === undefined &&
    misbehaviour.junkBytes === undefined;
  if (plain && !ignoreRange) headers["accept-ranges"] = "bytes";
  const parts = plain && !ignoreRange && method === "GET" ? /^bytes=(\d+)-(\d*)$/.exec(range ?? "") : null;
  const honoured = parts !== null && (ifRange === undefined || ifRange === etag);
  const first = honoured ? Number(parts[1]) + rangeOff : 0;
  if (first >= source.sizeBytes && honoured) {
    return {
      status: 416,
      headers: { ...headers, "content-range": `bytes */${source.sizeBytes}`, "content-length": 0 },
      first: 0,
      length: 0,
    };
  }
  const end = source.sizeBytes - 1;
  const last = honoured && parts[2] !== "" ? Math.min(Number(parts[2]) + rangeOff, end) : end;
  const length = Math.max(0, last - first + 1);
  if (!chunked) headers["content-length"] = Math.max(0, length + contentLengthOff);
  if (honoured) headers["content-range"] = `bytes ${first}-${last}/${source.sizeBytes}`;
  return { status: redirect === undefined ? (honoured ? 206 : status) : 302, headers, first, length };
}
