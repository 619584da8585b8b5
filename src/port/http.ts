// The Http port: bytes from a server that is hostile until its bytes are proven (P9). Redirects, proxies and TLS are the adapter's.

export interface HttpRequest {
  readonly url: string;
  readonly method: "GET" | "HEAD";
  /** First byte wanted; sent as a Range when above zero. A server may answer with everything all the same (status 200). */
  readonly offset?: number;
  /**
   * Bytes wanted from `offset` on, at least one; always sent as a Range. An answer of another range or of everything is a
   * Fault (http-range.ts), and so is a body that is shorter or longer than its Content-Range says; a range that reaches
   * beyond the file's end brings what there is, one that begins there a 416.
   */
  readonly length?: number;
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

/** Fault codes: `connection-lost`, `timed-out`, `too-large`, `too-many-redirects`, `tls-failed`, `unknown-host`, `refused-url`, `bad-answer`, `no-ranges`. */
export interface Http {
  /** Answers with any status. Breaking off the iteration of `body`, or `signal`, ends the transfer. */
  request(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer>;
}
