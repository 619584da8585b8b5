// What every Http must do, as tests: the real one against a server on loopback, the simulated one against its own (P9).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { Http, HttpRequest } from "./http.ts";

/** What the server is to do at one path. It answers HEAD as GET without the body, and 404 at any other path. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Serves ranges, and honours If-Range against the `etag` header. */
  readonly ranges?: boolean;
  /** Answers a request for a range with one that begins so many bytes later, and says so. */
  readonly rangeShift?: number;
  /** Drops the connection after so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** Goes silent after so many bytes of the body. */
  readonly stallAfterBytes?: number;
}

export interface HttpFixture {
  readonly http: Http;
  /** `http://HOST:PORT`, without a slash at its end. */
  readonly base: string;
  done(): Promise<void>;
}

export type MakeHttp = (answers: Readonly<Record<string, ScriptedAnswer>>) => Promise<HttpFixture>;

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

export async function bodyOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part.slice());
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function httpContract(name: string, make: MakeHttp): void {
  const big = new Uint8Array(3_000_000).map((_, index) => (index * 31) >>> 3);
  const answers: Readonly<Record<string, ScriptedAnswer>> = {
    "/a": { body: bytes("hello"), headers: { "X-Thing": "Yes", etag: '"1"' }, ranges: true },
    "/empty": { body: bytes("") },
    "/big": { body: big },
    "/gone": { status: 410, body: bytes("no more") },
    "/moved": { status: 302, headers: { location: "/a" } },
    "/circle": { status: 307, headers: { location: "/circle" } },
    "/nowhere": { status: 301, headers: { location: "ftp://example.org/x" } },
    "/shifted": { body: bytes("hello"), ranges: true, rangeShift: 1 },
    "/whole": { body: bytes("hello") },
    "/halved": { body: big, ranges: true, cutAfterBytes: 400_000 },
    "/cut": { body: big, cutAfterBytes: 1_000_000 },
    "/stall": { body: big, stallAfterBytes: 1000 },
  };
  const check = (
    sentence: string,
    body: (ask: (path: string, more?: Partial<HttpRequest>) => HttpRequest, http: Http, base: string) => Promise<void>,
  ): void => {
    test(sentence, async () => {
      const fixture = await make(answers);
      try {
        await body(
          (path, more) => ({ url: fixture.base + path, method: "GET", maxBytes: 10_000_000, ...more }),
          fixture.http,
          fixture.base,
        );
      } finally {
        await fixture.done();
      }
    });
  };
  const refuses = (work: Promise<unknown>, code: string, retriable: boolean): Promise<void> =>
    assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof Fault, String(error));
      assert.deepEqual([error.code, error.retriable], [code, retriable]);
      assert.match(error.message, /^Cannot /);
      return true;
    });

  describe(`${name} keeps the Http contract`, () => {
    check("a body comes whole, with status, headers in lower case, and address", async (ask, http, base) => {
      const answer = await http.request(ask("/a"));
      assert.deepEqual(
        [answer.status, answer.url, answer.headers["x-thing"], answer.headers["content-length"]],
        [200, `${base}/a`, "Yes", "5"],
      );
      assert.deepEqual(await bodyOf(answer.body), bytes("hello"));
      assert.deepEqual(await bodyOf((await http.request(ask("/empty"))).body), bytes(""));
      assert.deepEqual(await bodyOf((await http.request(ask("/big"))).body), big);
    });

    check("any status is an answer", async (ask, http) => {
      const gone = await http.request(ask("/gone"));
      assert.equal(gone.status, 410);
      assert.deepEqual(await bodyOf(gone.body), bytes("no more"));
      assert.equal((await http.request(ask("/unknown"))).status, 404);
    });

    check("HEAD has headers and no body", async (ask, http) => {
      const answer = await http.request(ask("/a", { method: "HEAD" }));
      assert.deepEqual([answer.status, answer.headers["content-length"]], [200, "5"]);
      assert.deepEqual(await bodyOf(answer.body), bytes(""));
    });

    check("an offset is asked for as a range, and with another etag everything comes", async (ask, http) => {
      const rest = await http.request(ask("/a", { offset: 2, etag: '"1"' }));
      assert.deepEqual([rest.status, rest.headers["content-range"]], [206, "bytes 2-4/5"]);
      assert.deepEqual(await bodyOf(rest.body), bytes("llo"));
      const changed = await http.request(ask("/a", { offset: 2, etag: '"0"' }));
      assert.equal(changed.status, 200);
      assert.deepEqual(await bodyOf(changed.body), bytes("hello"));
      assert.equal((await http.request(ask("/a", { offset: 5 }))).status, 416);
    });

    check("a part is asked for as a range with an end, and comes as that", async (ask, http) => {
      for (const [offset, length, range, text] of [
        [0, 2, "bytes 0-1/5", "he"],
        [1, 3, "bytes 1-3/5", "ell"],
        [4, 1, "bytes 4-4/5", "o"],
        [3, 9, "bytes 3-4/5", "lo"],
      ] as const) {
        const part = await http.request(ask("/a", { offset, length, etag: '"1"' }));
        assert.deepEqual([part.status, part.headers["content-range"]], [206, range]);
        assert.deepEqual(await bodyOf(part.body), bytes(text));
      }
      assert.equal((await http.request(ask("/a", { offset: 5, length: 1 }))).status, 416);
      assert.equal((await http.request(ask("/gone", { offset: 1, length: 1 }))).status, 410);
      const middle = await http.request(ask("/halved", { offset: 1000, length: 300_000, maxBytes: 300_000 }));
      assert.deepEqual(await bodyOf(middle.body), big.subarray(1000, 301_000));
    });

    check("a server that sends everything or another part is noticed", async (ask, http) => {
      const get = async (request: HttpRequest): Promise<Uint8Array> => bodyOf((await http.request(request)).body);
      await refuses(get(ask("/whole", { length: 2 })), "no-ranges", false);
      await refuses(get(ask("/whole", { offset: 1, length: 4 })), "no-ranges", false);
      await refuses(get(ask("/a", { offset: 1, length: 2, etag: '"0"' })), "no-ranges", false);
      await refuses(get(ask("/shifted", { offset: 1, length: 2 })), "bad-answer", false);
      await refuses(get(ask("/halved", { offset: 1, length: 400_001 })), "connection-lost", true);
      assert.deepEqual(await get(ask("/whole", { length: 5 })), bytes("hello"));
    });

    check("redirects are followed, but not in a circle and not to other schemes", async (ask, http, base) => {
      const moved = await http.request(ask("/moved"));
      assert.deepEqual([moved.status, moved.url], [200, `${base}/a`]);
      assert.deepEqual(await bodyOf(moved.body), bytes("hello"));
      await refuses(http.request(ask("/circle")), "too-many-redirects", false);
      await refuses(http.request(ask("/nowhere")), "refused-url", false);
      await refuses(http.request({ url: "file:///etc/passwd", method: "GET", maxBytes: 1 }), "refused-url", false);
    });

    check("a line that is cut delivers what came before, then says so", async (ask, http) => {
      const answer = await http.request(ask("/cut"));
      let count = 0;
      const reading = (async (): Promise<void> => {
        for await (const part of answer.body) {
          assert.deepEqual(new Uint8Array(part), big.subarray(count, count + part.length));
          count += part.length;
        }
      })();
      await refuses(reading, "connection-lost", true);
      // What the kernels still held may be lost with the line, but not most of it.
      assert.ok(count > 0 && count <= 1_000_000, String(count));
    });

    check("more bytes than asked for are not read", async (ask, http) => {
      await refuses(
        http.request(ask("/big", { maxBytes: 100_000 })).then((answer) => bodyOf(answer.body)),
        "too-large",
        false,
      );
      assert.equal((await bodyOf((await http.request(ask("/a", { maxBytes: 5 }))).body)).length, 5);
    });

    check("breaking off a body leaves the next request alone", async (ask, http) => {
      for (let round = 0; round < 2; round += 1) {
        for await (const part of (await http.request(ask("/stall"))).body) {
          assert.ok(part.length > 0);
          break;
        }
      }
      // Nor does a body that nobody reads stand in the way.
      for (let round = 0; round < 6; round += 1) await http.request(ask("/big"));
      assert.deepEqual(await bodyOf((await http.request(ask("/a"))).body), bytes("hello"));
    });

    check("a signal ends a transfer at any time", async (ask, http) => {
      const controller = new AbortController();
      const answer = await http.request(ask("/stall"), controller.signal);
      const reading = bodyOf(answer.body);
      controller.abort();
      await assert.rejects(reading, (error: unknown) => error instanceof Fault && error.kind === "interrupted");
      await assert.rejects(
        http.request(ask("/a"), controller.signal),
        (error: unknown) => error instanceof Fault && error.kind === "interrupted",
      );
    });
  });
}
