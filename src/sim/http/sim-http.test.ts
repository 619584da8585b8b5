import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, httpContract } from "../../port/http.contract.ts";
import type { HttpRequest } from "../../port/http.ts";
import { SimClock } from "../clock/sim-clock.ts";
import { Content } from "../disk/content.ts";
import { SimHttp } from "./sim-http.ts";
import { htmlPage, type ServerFault, SimServer } from "./sim-server.ts";

const origin = "http://updates.example";

httpContract("The simulated network", async (answers) => {
  const server = new SimServer(origin);
  for (const [path, { body, cutAfterBytes, stallAfterBytes, rangeShift, ...resource }] of Object.entries(answers)) {
    server.put(path, body ?? new Uint8Array(), { ranges: false, ...resource });
    const times = Number.POSITIVE_INFINITY;
    if (cutAfterBytes !== undefined) server.plan({ path, fault: { kind: "cut", afterBytes: cutAfterBytes }, times });
    if (rangeShift !== undefined) server.plan({ path, fault: { kind: "other-range", by: rangeShift }, times });
    if (stallAfterBytes !== undefined)
      server.plan({ path, fault: { kind: "stall", afterBytes: stallAfterBytes }, times });
  }
  const http = new SimHttp({ servers: [server], clock: new SimClock({ startMs: 0 }) });
  return { http, base: origin, done: async () => {} };
});

const get: HttpRequest = { url: `${origin}/image`, method: "GET", maxBytes: 1e9 };
const image = Content.pattern(3, 200_000);

function world(): { server: SimServer; http: SimHttp; clock: SimClock } {
  const server = new SimServer(origin);
  server.put("/image", image);
  const clock = new SimClock({ startMs: 0 });
  return { server, clock, http: new SimHttp({ servers: [server], clock }) };
}

test("a planned fault meets the requests it is planned for, and no others", async () => {
  const { server, http } = world();
  server.plan({ path: "/im*", fault: { kind: "status", status: 503 }, after: 1, times: 2 });
  const statuses = [];
  for (let round = 0; round < 4; round++) statuses.push((await http.request(get)).status);
  assert.deepEqual(statuses, [200, 503, 503, 200]);
});

test("each kind of fault shows as it would on a real line", async () => {
  const outcome = async (fault: ServerFault, request: Partial<HttpRequest> = {}): Promise<string> => {
    const { server, http } = world();
    server.plan({ path: "/image", fault });
    try {
      const answer = await http.request({ ...get, ...request });
      const body = Content.of(await bodyOf(answer.body));
      const rest = image.slice(request.offset ?? 0);
      return `${answer.status} ${body.equals(image) ? "whole" : body.equals(rest) ? "rest" : `${body.sizeBytes} other`}`;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  assert.deepEqual(
    [
      await outcome({ kind: "cut", afterBytes: 5 }),
      await outcome({ kind: "stall", afterBytes: 5 }),
      await outcome({ kind: "no-answer", code: "tls-failed" }),
      await outcome({ kind: "flip", at: 199_999 }),
      await outcome(htmlPage),
      await outcome({ kind: "wrong-length", by: 7 }),
      await outcome({ kind: "wrong-length", by: -7 }),
      await outcome({ kind: "new-etag" }, { offset: 9, etag: `"${image.key()}"` }),
      await outcome({ kind: "no-ranges" }, { offset: 9 }),
      await outcome({ kind: "flip", at: 0 }, { offset: 9 }),
    ],
    [
      "connection-lost",
      "timed-out",
      "tls-failed",
      "200 200000 other",
      "200 55 other",
      "connection-lost",
      "200 199993 other",
      "200 whole",
      "200 whole",
      "206 rest",
    ],
  );
});

test("the server counts the bytes it sends, and time passes while it does", async () => {
  const { server, http, clock } = world();
  await bodyOf((await http.request({ ...get, offset: 150_000 })).body);
  await http.request({ ...get, method: "HEAD" });
  assert.equal(server.bytesSent, 50_000);
  assert.equal(clock.elapsedMs(), 0.5);
});
