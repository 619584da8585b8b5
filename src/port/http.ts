// The Http port: bytes from a server that is hostile until its bytes are proven (P9). Redirects, proxies and TLS are the adapter's.

export interface HttpRequest {
  readonly url: string;
  readonly method: "GET" | "HEAD";
  /** First byte wanted; sent as a Range when above zero. */
  readonly offset?: number;
  /** Sent as If-Range: the server must not continue another file's bytes. */
  readonly etag?: string;
  /** The adapter stops reading and throws `too-large` beyond this many body bytes. */
  readonly maxBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** After redirects. */
  readonly url: string;
  /** Ends early with a Fault `connection-lost` when the server or the line fails. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Fault codes: `connection-lost`, `timed-out`, `too-large`, `too-many-redirects`, `tls-failed`, `unknown-host`, `refused-url`, `bad-answer`. */
export interface Http {
  /** Answers with any status. Breaking off the iteration of `body`, or `signal`, ends the transfer. */
  request(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer>;
}
