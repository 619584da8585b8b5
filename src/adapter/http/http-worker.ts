// The confined half of the Http port: undici, redirects, proxies, TLS. What it returns is proven by its parent's parent (P9).
import type { Dispatcher } from "undici";
import { Fault } from "../../base/fault.ts";
import type { WorkerMain, WorkerPort } from "../confined/worker.ts";
import { httpFault, shownUrl } from "./http-fault.ts";
import { EnvHttpProxyAgent } from "./undici-parts.ts";

/** RFC 9110 15.4; more than ten hops is a circle in all but name. */
const redirectsMax = 10;
const redirectStatus = new Set([301, 302, 303, 307, 308]);
const headerBytesMax = 64 * 1024;
const pieceBytes = 256 * 1024;
/** Fewer in each `trickleMs` of waiting are a stall in all but name: nobody could wait for the end. */
const trickleBytesMin = 2048;

/** The first message of the parent. */
export interface HttpConfig {
  readonly userAgent: string;
  /** PEM of the certificates to trust; absent: those that Node brings along. */
  readonly ca?: string;
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly trickleMs: number;
}

/** Every later one. */
export interface HttpOrder {
  readonly url: string;
  readonly method: "GET" | "HEAD";
  /** Of the Range header. */
  readonly range?: string;
  readonly etag?: string;
  readonly maxBytes: number;
}

/** Our own parent is trusted: it made the message a moment ago. */
async function order<T>(port: WorkerPort): Promise<T> {
  return (await port.message()) as unknown as T;
}

export const main: WorkerMain = async (port) => {
  const config = await order<HttpConfig>(port);
  const tls = config.ca === undefined ? {} : { ca: config.ca };
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: config.connectTimeoutMs, ...tls },
    requestTls: { timeout: config.connectTimeoutMs, ...tls },
    proxyTls: { timeout: config.connectTimeoutMs, ...tls },
    headersTimeout: config.headersTimeoutMs,
    bodyTimeout: config.bodyTimeoutMs,
    maxHeaderSize: headerBytesMax,
    httpProxy: config.httpProxy ?? "",
    httpsProxy: config.httpsProxy ?? "",
    noProxy: config.noProxy ?? "",
  });
  for (;;) {
    const wanted = await order<HttpOrder>(port);
    let url = wanted.url;
    try {
      const answer = await follow(wanted, config, dispatcher, (next) => {
        url = next;
      });
      await port.say({ status: answer.statusCode, headers: flat(answer.headers), url: withoutUser(url) });
      await pour(untilItTrickles(answer.body, url, config.trickleMs), wanted, port);
    } catch (error) {
      throw httpFault(url, error);
    }
  }
};

async function follow(
  wanted: HttpOrder,
  config: HttpConfig,
  dispatcher: Dispatcher,
  at: (url: string) => void,
): Promise<Dispatcher.ResponseData> {
  let url = new URL(wanted.url);
  const first = url;
  for (let redirects = 0; ; redirects += 1) {
    const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": config.userAgent };
    if (wanted.range !== undefined) headers["range"] = wanted.range;
    if (wanted.range !== undefined && wanted.etag !== undefined) headers["if-range"] = wanted.etag;
    // A password is for the server it was given for, and for no other.
    if (first.username !== "" && url.origin === first.origin) headers["authorization"] = basicAuthorization(first);
    const target = { origin: url.origin, path: `${url.pathname}${url.search}` };
    const answer = await dispatcher.request({ ...target, method: wanted.method, headers });
    const location = answer.headers["location"];
    if (!redirectStatus.has(answer.statusCode) || typeof location !== "string") return answer;
    await answer.body.dump();
    if (redirects === redirectsMax) {
      throw new Fault(
        "too-many-redirects",
        `Cannot fetch ${shownUrl(wanted.url)}: more than ${redirectsMax} redirects`,
      );
    }
    url = redirected(url, location);
    at(url.href);
  }
}

/** Never from https to http, nor to any other scheme. */
function redirected(from: URL, location: string): URL {
  const next = URL.parse(location, from.href);
  if (next === null)
    throw new Fault("bad-answer", `Cannot fetch ${shownUrl(from.href)}: it redirects to something that is no URL`);
  if (next.protocol === "https:" || (next.protocol === "http:" && from.protocol === "http:")) return next;
  throw new Fault("refused-url", `Cannot fetch ${shownUrl(from.href)}: it redirects to ${shownUrl(next.href)}`, {
    hint: "A redirect away from https is never followed. Give the address it leads to, if that is meant.",
  });
}

function basicAuthorization(url: URL): string {
  return `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64")}`;
}

function withoutUser(href: string): string {
  const url = new URL(href);
  url.username = "";
  url.password = "";
  return url.href;
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

/** Only the time spent waiting for the server counts: our parent may take its time. */
async function* untilItTrickles(
  body: AsyncIterable<Uint8Array>,
  url: string,
  trickleMs: number,
): AsyncGenerator<Uint8Array> {
  let waitedMs = 0;
  let bytes = 0;
  let since = performance.now();
  for await (const chunk of body) {
    waitedMs += performance.now() - since;
    bytes += chunk.length;
    if (waitedMs >= trickleMs) {
      if (bytes < trickleBytesMin) {
        const state = "the server sends next to nothing";
        throw new Fault("timed-out", `Cannot fetch ${shownUrl(url)}: ${state}`, { retriable: true });
      }
      waitedMs = 0;
      bytes = 0;
    }
    yield chunk;
    since = performance.now();
  }
}

async function pour(body: AsyncIterable<Uint8Array>, wanted: HttpOrder, port: WorkerPort): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > wanted.maxBytes)
      throw new Fault("too-large", `Cannot fetch ${shownUrl(wanted.url)}: more than ${wanted.maxBytes} bytes come`);
    for (let offset = 0; offset < chunk.length; offset += pieceBytes)
      await port.data(chunk.subarray(offset, offset + pieceBytes));
  }
  await port.end();
}
