// A simulated web server: resources, entity tags, ranges, and everything servers and lines do wrong, by plan.
import { Content } from "../disk/content.ts";

export interface SimResource {
  readonly content: Content;
  /** 200 when absent. */
  readonly status?: number;
  /** Names in any case. An `etag` here is honoured in If-Range. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Serves ranges; `true` when absent. */
  readonly ranges?: boolean;
}

export type ServerFault =
  | { readonly kind: "status"; readonly status: number }
  /** The line breaks after so many bytes of the body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** No answer at all; the code is that of the Http port. */
  | { readonly kind: "no-answer"; readonly code: string }
  /** One byte of the body is wrong; counted from the start of the resource. */
  | { readonly kind: "flip"; readonly at: number }
  | { readonly kind: "replace"; readonly content: Content; readonly type?: string }
  /** The Content-Length says so many bytes more (or fewer) than there are. */
  | { readonly kind: "wrong-length"; readonly by: number }
  | { readonly kind: "no-ranges" }
  /** A range is answered by one that begins so many bytes later, and says so. */
  | { readonly kind: "other-range"; readonly by: number }
  | { readonly kind: "new-etag" };

export interface PlannedServerFault {
  /** The path, or its beginning when it ends in `*`. */
  readonly path: string;
  readonly fault: ServerFault;
  /** Requests that pass first; 0 when absent. */
  readonly after?: number;
  /** How many fail; 1 when absent. */
  readonly times?: number;
}

export interface SimRequest {
  readonly path: string;
  readonly method: "GET" | "HEAD";
  readonly offset: number;
  /** Absent: up to the end. */
  readonly length?: number;
  readonly etag: string | undefined;
}

export type SimReply =
  | { readonly kind: "no-answer"; readonly code: string }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Content;
      /** What happens after the last byte of `body`. */
      readonly end: "whole" | "cut" | "stall";
    };

/** What a captive portal or a broken proxy puts in place of a file. */
export const htmlPage: ServerFault = {
  kind: "replace",
  content: Content.text("<!DOCTYPE html><html><body>Please log in</body></html>\n"),
  type: "text/html",
};

export class SimServer {
  /** `http://HOST[:PORT]`, without a slash at its end. */
  readonly origin: string;
  readonly requests: SimRequest[] = [];
  /** Of bodies, over all requests. */
  bytesSent: number = 0;
  #resources: ReadonlyMap<string, SimResource> = new Map();
  #faults: { readonly plan: PlannedServerFault; seen: number }[] = [];

  constructor(origin: string) {
    this.origin = origin;
  }

  /** Puts a resource there; its entity tag follows its content unless `headers` has one. */
  put(path: string, content: Content | Uint8Array | string, more: Omit<SimResource, "content"> = {}): void {
    const body =
      typeof content === "string" ? Content.text(content) : content instanceof Content ? content : Content.of(content);
    this.#resources = new Map(this.#resources).set(path, { ...more, content: body });
  }

  remove(path: string): void {
    this.#resources = new Map([...this.#resources].filter(([name]) => name !== path));
  }

  plan(...faults: readonly PlannedServerFault[]): void {
    this.#faults.push(...faults.map((plan) => ({ plan, seen: 0 })));
  }

  heal(): void {
    this.#faults = [];
  }

  /** A server of its own with the same resources and what is left of the plan. */
  fork(): SimServer {
    const copy = new SimServer(this.origin);
    copy.#resources = this.#resources;
    copy.#faults = this.#faults.map((fault) => ({ ...fault }));
    return copy;
  }

  /** `now`: what goes wrong with this one where nothing is planned; it makes no server honest that lies. */
  answer(request: SimRequest, now?: ServerFault): SimReply {
    this.requests.push(request);
    const fault = this.#takeFault(request.path) ?? now;
    if (fault?.kind === "no-answer") return { kind: "no-answer", code: fault.code };
    const found = this.#resources.get(request.path);
    const resource = found ?? { status: 404, content: Content.text("not found\n") };
    const reply = fault?.kind === "status" ? { status: fault.status, content: Content.text("error\n") } : resource;
    return this.#send(request, fault?.kind === "replace" ? { ...reply, content: fault.content } : reply, fault);
  }

  #takeFault(path: string): ServerFault | undefined {
    let chosen: ServerFault | undefined;
    for (const entry of this.#faults) {
      const { plan } = entry;
      const matches = plan.path.endsWith("*") ? path.startsWith(plan.path.slice(0, -1)) : plan.path === path;
      if (!matches) continue;
      const after = plan.after ?? 0;
      if (entry.seen >= after && entry.seen < after + (plan.times ?? 1)) chosen ??= plan.fault;
      entry.seen++;
    }
    return chosen;
  }

  #send(request: SimRequest, resource: SimResource, fault: ServerFault | undefined): SimReply {
    const { content } = resource;
    const ok = (resource.status ?? 200) === 200;
    const headers: Record<string, string> = {};
    if (ok) headers["etag"] = `"${content.key()}"`;
    for (const [name, value] of Object.entries(resource.headers ?? {})) headers[name.toLowerCase()] = value;
    if (fault?.kind === "new-etag") headers["etag"] = `"another ${this.requests.length}"`;
    if (fault?.kind === "replace" && fault.type !== undefined) headers["content-type"] = fault.type;
    const rangeWanted =
      ok &&
      (request.offset > 0 || request.length !== undefined) &&
      resource.ranges !== false &&
      fault?.kind !== "no-ranges";
    const sameTag = request.etag === undefined || request.etag === headers["etag"];
    if (rangeWanted && sameTag && request.offset >= content.sizeBytes) {
      headers["content-range"] = `bytes */${content.sizeBytes}`;
      return this.#finish(request, 416, headers, Content.empty, undefined);
    }
    const isRange = rangeWanted && sameTag;
    const shift = isRange && fault?.kind === "other-range" ? fault.by : 0;
    const from = isRange ? request.offset + shift : 0;
    const end = Math.min(content.sizeBytes, isRange ? from + (request.length ?? content.sizeBytes) : content.sizeBytes);
    if (isRange) headers["content-range"] = `bytes ${from}-${end - 1}/${content.sizeBytes}`;
    const body = fault?.kind === "flip" ? flip(content, fault.at) : content;
    return this.#finish(request, isRange ? 206 : (resource.status ?? 200), headers, body.slice(from, end), fault);
  }

  #finish(
    request: SimRequest,
    status: number,
    headers: Record<string, string>,
    body: Content,
    fault: ServerFault | undefined,
  ): SimReply {
    const declared = body.sizeBytes + (fault?.kind === "wrong-length" ? fault.by : 0);
    const lengthHeader = { ...headers, "content-length": String(Math.max(0, declared)) };
    if (request.method === "HEAD")
      return { kind: "answer", status, headers: lengthHeader, body: Content.empty, end: "whole" };
    const stopsAt =
      fault?.kind === "cut" || fault?.kind === "stall" ? fault.afterBytes : Math.min(body.sizeBytes, declared);
    const sent = body.slice(0, Math.max(0, stopsAt));
    this.bytesSent += sent.sizeBytes;
    const end = fault?.kind === "stall" ? "stall" : sent.sizeBytes < declared ? "cut" : "whole";
    return { kind: "answer", status, headers: lengthHeader, body: sent, end };
  }
}

function flip(content: Content, at: number): Content {
  const [byte] = content.slice(at, at + 1).bytes();
  return byte === undefined ? content : content.with(at, Content.of(Uint8Array.of(byte ^ 0xff)));
}
