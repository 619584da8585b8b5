// The Http port: each transfer runs in a confined child (P9); idle children are kept, for their connections.
import { Fault } from "../../base/fault.ts";
import type { Http, HttpAnswer, HttpRequest } from "../../port/http.ts";
import { exactly, expectedBytes, rangeHeader } from "../../port/http-range.ts";
import { WorkerLink } from "../confined/worker-link.ts";
import { trustedCertificates } from "./certificates.ts";
import { shownUrl } from "./http-fault.ts";
import type { HttpConfig, HttpOrder } from "./http-worker.ts";

export interface ConfinedHttpOptions {
  readonly isRoot: boolean;
  readonly version: string;
  /**
   * Proxies and certificates are taken from here; and `HOLDFAST_FETCH_SOCKET`, at which children can be had that run in a
   * unit of their own, where we have no network ourselves.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly connectTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  readonly bodyTimeoutMs?: number;
  readonly trickleMs?: number;
}

const idleMax = 2;
/** Answers whose body nobody has begun to read: the oldest gives way. */
const unreadMax = 4;

export function confinedHttp(options: ConfinedHttpOptions): Http & AsyncDisposable {
  return new ConfinedHttp(options);
}

class ConfinedHttp implements Http, AsyncDisposable {
  readonly #options: ConfinedHttpOptions;
  readonly #idle: WorkerLink[] = [];
  readonly #busy = new Set<WorkerLink>();
  readonly #unread = new Set<WorkerLink>();
  #config: Promise<HttpConfig> | undefined;

  constructor(options: ConfinedHttpOptions) {
    this.#options = options;
  }

  async request(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const url = URL.parse(request.url);
    if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
      throw new Fault("refused-url", `Cannot fetch ${shownUrl(request.url)}: only http and https are fetched`);
    }
    if (signal?.aborted === true) throw interrupted(request.url);
    const link = await this.#take();
    const abort = (): void => void link[Symbol.asyncDispose]();
    signal?.addEventListener("abort", abort, { once: true });
    const transfer: Transfer = { link, request, signal, finish: () => signal?.removeEventListener("abort", abort) };
    try {
      const range = rangeHeader(request);
      const order: HttpOrder = {
        url: request.url,
        method: request.method,
        ...(range === undefined ? {} : { range }),
        maxBytes: request.maxBytes,
        ...(request.etag === undefined ? {} : { etag: request.etag }),
      };
      await link.send(order);
      const said = await link.next();
      if (said.kind !== "message")
        throw new Fault("worker-failed", "Cannot fetch: the confined child answers out of turn");
      const answer = checkedAnswer(said.value);
      if (request.method === "HEAD" || answer.status === 204 || answer.status === 304) {
        await this.#drain(transfer);
        return { ...answer, body: nothing() };
      }
      const shown = shownUrl(request.url);
      const expected = expectedBytes(request, answer, shown);
      this.#unread.add(link);
      const body = this.#body(transfer);
      return { ...answer, body: expected === undefined ? body : exactly(body, expected, shown) };
    } catch (error) {
      throw await this.#failed(transfer, error);
    }
  }

  async *#body(transfer: Transfer): AsyncGenerator<Uint8Array> {
    const { link, request } = transfer;
    this.#unread.delete(link);
    let bytes = 0;
    let ended = false;
    try {
      for (;;) {
        const said = await link.next();
        if (said.kind === "end") {
          ended = true;
          return;
        }
        if (said.kind !== "data")
          throw new Fault("worker-failed", "Cannot fetch: the confined child answers out of turn");
        bytes += said.bytes.length;
        if (bytes > request.maxBytes) {
          throw new Fault(
            "too-large",
            `Cannot fetch ${shownUrl(request.url)}: more than ${request.maxBytes} bytes come`,
          );
        }
        yield said.bytes;
      }
    } catch (error) {
      throw await this.#failed(transfer, error);
    } finally {
      transfer.finish();
      if (ended) await this.#giveBack(link);
      else await this.#drop(link);
    }
  }

  async #drain(transfer: Transfer): Promise<void> {
    while ((await transfer.link.next()).kind !== "end");
    transfer.finish();
    await this.#giveBack(transfer.link);
  }

  async #failed(transfer: Transfer, error: unknown): Promise<unknown> {
    transfer.finish();
    await this.#drop(transfer.link);
    if (transfer.signal?.aborted === true) return interrupted(transfer.request.url);
    if (error instanceof Fault && error.code === "worker-failed") {
      return new Fault("connection-lost", `Cannot fetch ${shownUrl(transfer.request.url)}: the confined child failed`, {
        retriable: true,
        cause: error,
        ...(this.#options.env["HOLDFAST_FETCH_SOCKET"] === undefined
          ? {}
          : { hint: "systemd starts it: look at holdfast-fetch.socket, and at journalctl -u 'holdfast-fetch@*'." }),
      });
    }
    return error;
  }

  async #take(): Promise<WorkerLink> {
    const [forgotten] = this.#unread;
    if (this.#unread.size >= unreadMax && forgotten !== undefined) await this.#drop(forgotten);
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      idle.setIdle(false);
      this.#busy.add(idle);
      return idle;
    }
    this.#config ??= configOf(this.#options);
    const config = await this.#config;
    const socket = this.#options.env["HOLDFAST_FETCH_SOCKET"];
    const link =
      socket === undefined ? WorkerLink.start("http", { isRoot: this.#options.isRoot }) : WorkerLink.reach(socket);
    this.#busy.add(link);
    await link.send(config);
    return link;
  }

  async #giveBack(link: WorkerLink): Promise<void> {
    if (!this.#busy.has(link)) return;
    if (this.#idle.length >= idleMax) return this.#drop(link);
    this.#busy.delete(link);
    this.#unread.delete(link);
    link.setIdle(true);
    this.#idle.push(link);
  }

  async #drop(link: WorkerLink): Promise<void> {
    this.#busy.delete(link);
    this.#unread.delete(link);
    await link[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#busy, ...this.#idle.splice(0)].map((link) => this.#drop(link)));
  }
}

interface Transfer {
  readonly link: WorkerLink;
  readonly request: HttpRequest;
  readonly signal: AbortSignal | undefined;
  /** Stops listening to the signal. */
  finish(): void;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A body without bytes.
}

function interrupted(url: string): Fault<"interrupted"> {
  return new Fault("interrupted", `Cannot go on fetching ${shownUrl(url)}: it was broken off`, {
    kind: "interrupted",
    retriable: true,
  });
}

/** The lower-case variable wins, as everywhere. */
function variable(env: ConfinedHttpOptions["env"], name: string): string | undefined {
  return env[name] ?? env[name.toUpperCase()];
}

async function configOf(options: ConfinedHttpOptions): Promise<HttpConfig> {
  const ca = await trustedCertificates(options.env);
  const httpProxy = variable(options.env, "http_proxy");
  const httpsProxy = variable(options.env, "https_proxy");
  const noProxy = variable(options.env, "no_proxy");
  return {
    userAgent: `holdfast/${options.version}`,
    connectTimeoutMs: options.connectTimeoutMs ?? 15_000,
    headersTimeoutMs: options.headersTimeoutMs ?? 30_000,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
    trickleMs: options.trickleMs ?? 60_000,
    ...(ca === undefined ? {} : { ca }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/** What the child says about status, headers and address, checked: it reads a stranger's bytes. */
export function checkedAnswer(value: Record<string, unknown>): Omit<HttpAnswer, "body"> {
  const { status, headers, url } = value;
  const entries = typeof headers === "object" && headers !== null ? Object.entries(headers) : undefined;
  const good =
    typeof status === "number" &&
    Number.isInteger(status) &&
    status >= 100 &&
    status <= 599 &&
    typeof url === "string" &&
    /^https?:\/\//.test(url) &&
    entries?.every(([name, text]) => typeof text === "string" && name === name.toLowerCase()) === true;
  if (!good) throw new Fault("bad-answer", "Cannot use the server's answer: its status or headers make no sense");
  return { status, url, headers: Object.fromEntries(entries) as Record<string, string> };
}
