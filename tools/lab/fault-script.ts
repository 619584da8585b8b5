// Scripted misbehaviour of the lab's HTTP server: which request it befalls, and what happens to the answer.

/** Fields combine: `{ ignoreRange: true, cutAfterBytes: 100 }` sends from the start and breaks off. */
export interface Misbehaviour {
  /** Answers with this status and a short page. */
  readonly status?: number;
  /** Answers 302 to this URL or path; its own path makes a loop. */
  readonly redirect?: string;
  /** Answers 200 with these bytes instead of the file's. */
  readonly body?: string | Uint8Array;
  /** Answers 200 with so many bytes that nobody asked for, as many as never fit anywhere. */
  readonly junkBytes?: number;
  /** Adds a header of this length. */
  readonly headerBytes?: number;
  /** Sends this text in place of any HTTP, and breaks the connection. */
  readonly notHttp?: string;
  /** Breaks the connection after so many bytes of this answer's body. */
  readonly cutAfterBytes?: number;
  /** Falls silent after so many bytes of this answer's body, with the connection open. */
  readonly stallAfterBytes?: number;
  /** Sends the body this slowly. */
  readonly bytesPerSecond?: number;
  /** Inverts the byte at this offset of the FILE when an answer covers it. */
  readonly flipByteAt?: number;
  /** Added to the true Content-Length. */
  readonly contentLengthOff?: number;
  /** Answers 200 with the whole file to a request for a range. */
  readonly ignoreRange?: boolean;
  /** Answers a request for a range with one that begins so many bytes later, and says so. */
  readonly rangeOff?: number;
  /** Another ETag than before, as if the file had been replaced. */
  readonly etag?: string;
  /** Chunked transfer coding, no Content-Length. */
  readonly chunked?: boolean;
  /** Breaks the connection before any answer. */
  readonly refuse?: boolean;
}

export interface Rule extends Misbehaviour {
  /** The whole path below the server (`/os_2.erofs`), or a pattern. */
  readonly path: string | RegExp;
  /** The first matching request that it befalls, counted from 1 since the rule was added; default 1. */
  readonly from?: number;
  /** How many requests from there on; default all of them. */
  readonly times?: number;
  /** GET only by default. */
  readonly method?: "GET" | "HEAD";
}

/** An HTML page as captive portals send it, with status 200. */
export const captivePortal: Misbehaviour = {
  body: "<!DOCTYPE html><html><body><h1>Please log in</h1></body></html>\n",
};

/** Keeps count of requests per rule. */
export class FaultScript {
  readonly #rules: { readonly rule: Rule; seen: number }[] = [];

  add(...rules: readonly Rule[]): void {
    for (const rule of rules) this.#rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** Counts one request and merges what befalls it; later rules override earlier ones. */
  next(method: string, path: string): Misbehaviour {
    let merged: Misbehaviour = {};
    for (const entry of this.#rules) {
      const {
        path: wanted,
        from = 1,
        times = Number.POSITIVE_INFINITY,
        method: only = "GET",
        ...misbehaviour
      } = entry.rule;
      if (method !== only || !(typeof wanted === "string" ? wanted === path : wanted.test(path))) continue;
      entry.seen++;
      if (entry.seen >= from && entry.seen < from + times) merged = { ...merged, ...misbehaviour };
    }
    return merged;
  }
}
