// The simulated Http: asks simulated servers, follows their redirects, and fails as lines do.
import { Fault, type FaultKind } from "../../base/fault.ts";
import type { Http, HttpAnswer, HttpRequest } from "../../port/http.ts";
import { exactly, expectedBytes } from "../../port/http-range.ts";
import { CallGate } from "../call-gate.ts";
import type { SimClock } from "../clock/sim-clock.ts";
import type { Content } from "../disk/content.ts";
import type { ServerFault, SimReply, SimServer } from "./sim-server.ts";

const maxRedirects = 10;
const pieceBytes = 1 << 16;
/** How long a silent line is waited for. */
const stallMs = 30_000;
/** 100 MB a second. */
const bytesPerMs = 100_000;

export interface SimHttpOptions {
  readonly servers: readonly SimServer[];
  readonly clock: SimClock;
  readonly gate?: CallGate;
}

export class SimHttp implements Http {
  readonly #servers: readonly SimServer[];
  readonly #clock: SimClock;
  readonly #gate: CallGate;

  constructor({ servers, clock, gate }: SimHttpOptions) {
    this.#servers = servers;
    this.#clock = clock;
    this.#gate = gate ?? new CallGate();
  }

  async request(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const fault = this.#gate.enter("http", "request", request.url, false);
    const serverFault = typeof fault?.instead === "object" ? fault.instead.server : undefined;
    if (fault !== undefined && serverFault === undefined)
      throw refuse(fault.code, request.url, `the simulated world says ${fault.code}`);
    let url = request.url;
    for (let hops = 0; ; hops++) {
      if (signal?.aborted === true) throw interrupted(url);
      const reply = this.#ask(request, url, serverFault);
      if (reply.kind === "no-answer") throw refuse(reply.code, url, "no answer came");
      const location = reply.status >= 300 && reply.status < 400 ? reply.headers["location"] : undefined;
      if (location === undefined) {
        const { status, headers, end } = reply;
        const expected = expectedBytes(request, reply, url.slice(0, 200));
        const body = this.#deliver(url, reply.body, end, request.maxBytes, signal);
        return {
          status,
          headers,
          url,
          body: expected === undefined ? body : exactly(body, expected, url.slice(0, 200)),
        };
      }
      if (hops === maxRedirects) throw refuse("too-many-redirects", request.url, "it leads from address to address");
      url = new URL(location, url).href;
    }
  }

  #ask(request: HttpRequest, url: string, fault: ServerFault | undefined): SimReply {
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw refuse("refused-url", url, "it is no web address");
    const server = this.#servers.find((one) => one.origin === parsed.origin);
    if (server === undefined) throw refuse("unknown-host", url, "there is no such server");
    const path = decodeURIComponent(parsed.pathname) + parsed.search;
    const { method, offset = 0, length, etag } = request;
    return server.answer({ path, method, offset, ...(length === undefined ? {} : { length }), etag }, fault);
  }

  async *#deliver(
    url: string,
    body: Content,
    end: "whole" | "cut" | "stall",
    maxBytes: number,
    signal: AbortSignal | undefined,
  ): AsyncIterable<Uint8Array> {
    for (let at = 0; at < body.sizeBytes; ) {
      if (signal?.aborted === true) throw interrupted(url);
      const piece = new Uint8Array(Math.min(pieceBytes, body.sizeBytes - at));
      body.readInto(at, piece);
      at += piece.length;
      this.#clock.pass(piece.length / bytesPerMs);
      if (at > maxBytes) throw refuse("too-large", url, `more than ${maxBytes} bytes come`);
      yield piece;
    }
    if (end === "whole") return;
    if (signal?.aborted === true) throw interrupted(url);
    if (end === "cut") throw refuse("connection-lost", url, "the line was cut");
    await this.#clock.sleep(stallMs, signal);
    throw refuse("timed-out", url, "nothing came for a long time");
  }
}

const retriable: readonly string[] = ["connection-lost", "timed-out", "unknown-host"];

function refuse(code: string, url: string, state: string): Fault {
  return failure(code, url, state, "failed", retriable.includes(code));
}

function interrupted(url: string): Fault {
  return failure("interrupted", url, "it was broken off", "interrupted", true);
}

function failure(code: string, url: string, state: string, kind: FaultKind, again: boolean): Fault {
  return new Fault(code, `Cannot fetch ${url.slice(0, 200)}: ${state}`, { kind, retriable: again });
}
