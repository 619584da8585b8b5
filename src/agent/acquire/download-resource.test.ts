import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256, type Sha256, type Version } from "../../base/ids.ts";
import type { Offer } from "../../domain/resource.ts";
import type { Http } from "../../port/http.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { Content } from "../../sim/disk/content.ts";
import { htmlPage, type PlannedServerFault, type ServerFault, SimServer } from "../../sim/http/sim-server.ts";
import { bareWorld, type SampleSession, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { type Downloaded, downloadResource } from "./download-resource.ts";
import type { Session, Settings } from "../session.ts";

const origin = "http://a.example";
const sizeBytes = 1_200_000;
const content = Content.pattern(7, sizeBytes);
const staged = "/staged";

function sha256(of: Content): Sha256 {
  const hasher = simDigest.sha256();
  hasher.update(of.bytes());
  return parseSha256(hasher.finish());
}

const offer: Offer = {
  transfer: "10-root",
  version: "2" as Version,
  name: "os_2.img",
  location: `${origin}/os_2.img`,
  remote: true,
  shape: { kind: "bytes", compression: undefined },
  fields: { version: "2" as Version },
  evidence: "signed",
  sha256: sha256(content),
  sizeBytes,
};

interface Sample {
  readonly faults?: readonly PlannedServerFault[];
  /** What an earlier run left. */
  readonly kept?: Content;
  readonly settings?: Partial<Settings>;
  readonly offer?: Partial<Offer>;
}

interface Run extends SampleSession {
  readonly server: SimServer;
  readonly flushed: number[];
  go(session?: Session): Promise<Downloaded>;
  /** What is in the file. */
  held(): Content;
}

function machine({ faults = [], kept = Content.empty, settings = {}, offer: change = {} }: Sample = {}): Run {
  const server = new SimServer(origin);
  server.put("/os_2.img", content);
  server.plan(...faults);
  const world = bareWorld({ [staged]: kept, "/srv/os_2.img": content }, { servers: [server] });
  const run = sessionOn(world, settings);
  const flushed: number[] = [];
  const go = async (session: Session = run.session): Promise<Downloaded> => {
    await using file = await run.machine.disk.open(staged, "modify");
    return await downloadResource(session, {
      offer: { ...offer, ...change },
      file,
      resumeBytes: kept.sizeBytes,
      onBytes: () => {},
      onFlushed: async (done) => void flushed.push(done),
    });
  };
  return { ...run, server, flushed, go, held: () => world.tree.peek(staged) as Content };
}

const on = (fault: ServerFault, times = 1, after = 0): PlannedServerFault => ({
  path: "/os_2.img",
  fault,
  times,
  after,
});
const whole = { sizeBytes, sha256: offer.sha256 };
const cut = (afterBytes: number): ServerFault => ({ kind: "cut", afterBytes });

test("a resource is downloaded, its digest is told, and all of it is flushed", async () => {
  const run = machine();
  assert.deepEqual(await run.go(), { ...whole, transferredBytes: sizeBytes });
  assert.ok(run.held().equals(content));
  assert.equal(run.flushed.at(-1), sizeBytes);
});

test("a cut line is picked up where it broke, and no byte comes twice", async () => {
  const run = machine({ faults: [on(cut(1_000_000)), on(cut(100_000), 1, 1)] });
  assert.deepEqual(await run.go(), { ...whole, transferredBytes: sizeBytes });
  assert.deepEqual(
    run.server.requests.map(({ offset }) => offset),
    [0, 1_000_000, 1_100_000],
  );
  assert.ok(run.held().equals(content));
});

for (const at of [1, 999_999, 1_048_576, 1_048_577, sizeBytes - 1]) {
  test(`what an earlier run kept is continued at byte ${at}`, async () => {
    const run = machine({ kept: content.slice(0, at) });
    assert.deepEqual(await run.go(), { ...whole, transferredBytes: sizeBytes - at });
    assert.deepEqual(
      run.server.requests.map(({ offset }) => offset),
      [at],
    );
    assert.ok(run.held().equals(content));
  });
}

test("where all is here already the server only says that there is no more", async () => {
  assert.deepEqual(await machine({ kept: content }).go(), { ...whole, transferredBytes: 0 });
});

test("kept bytes that turn out wrong cost one fresh download", async () => {
  const run = machine({ kept: Content.zeros(1_000_000) });
  assert.deepEqual(await run.go(), { ...whole, transferredBytes: sizeBytes * 2 - 1_000_000 });
  assert.ok(run.held().equals(content));
});

test("a server that knows no ranges begins again, and the result is whole", async () => {
  const run = machine({ kept: content.slice(0, 1_000_000), faults: [on({ kind: "no-ranges" })] });
  assert.deepEqual(await run.go(), { ...whole, transferredBytes: sizeBytes });
  assert.ok(run.held().equals(content));
});

test("a server that sends another part than asked for leaves no gap: it is asked again, then given up", async () => {
  const run = machine({ kept: content.slice(0, 1000) });
  const starts = ["500", "2000", "1000"];
  const http: Http = {
    request: async (request, signal) => {
      const answer = await run.machine.http.request(request, signal);
      return { ...answer, headers: { ...answer.headers, "content-range": `bytes ${starts.shift()}-` } };
    },
  };
  const session = { ...run.session, machine: { ...run.machine, http } };
  assert.deepEqual(await run.go(session), { ...whole, transferredBytes: sizeBytes - 1000 });
  assert.ok(run.held().equals(content));
});

test("fresh bytes that are wrong are refused, and nothing is tried for ever", async () => {
  const run = machine({ faults: [on({ kind: "flip", at: 5 })] });
  await assert.rejects(run.go(), { code: "digest-mismatch", retriable: true });
  assert.equal(run.server.requests.length, 1);
});

test("a page in place of the file is said as such", async () => {
  await assert.rejects(machine({ faults: [on(htmlPage)] }).go(), {
    code: "digest-mismatch",
    message: /sent a web page in its place/,
  });
});

test("more than was announced is refused at once", async () => {
  const long = Content.join(content, Content.zeros(1));
  const run = machine({ faults: [on({ kind: "replace", content: long })] });
  await assert.rejects(run.go(), {
    code: "wrong-length",
    message: "Cannot use os_2.img: the server sends more than the 1200000 bytes it announced",
  });
});

test("five attempts without a byte end it, what came is kept, and it is said how to go on", async () => {
  const lost = { kind: "no-answer", code: "connection-lost" } as const;
  const run = machine({ faults: [on(cut(1_000_000)), on(lost, 99, 1)] });
  await assert.rejects(run.go(), { code: "connection-lost", kind: "interrupted", hint: /goes on from there/ });
  assert.equal(run.server.requests.length, 6);
  assert.ok(run.held().equals(content.slice(0, 1_000_000)));
  assert.equal(run.flushed.at(-1), 1_000_000);
});

test("a page of bytes now and then is progress", async () => {
  const faults = Array.from({ length: 12 }, (_, index) => on(cut(4096), 1, index));
  assert.deepEqual(await machine({ faults }).go(), { ...whole, transferredBytes: sizeBytes });
});

test("a byte at a time is none: it ends after five, and keeps them", async () => {
  const run = machine({ faults: [on(cut(1), 9999)] });
  await assert.rejects(run.go(), { code: "connection-lost", kind: "interrupted", hint: /goes on from there/ });
  assert.equal(run.server.requests.length, 5);
  assert.deepEqual([run.held().sizeBytes, run.flushed.at(-1)], [5, 5]);
});

test("a server that does not have it ends it at once, one that fails for a moment does not", async () => {
  const gone = machine({ faults: [on({ kind: "status", status: 404 })] });
  await assert.rejects(gone.go(), { code: "not-on-server" });
  assert.equal(gone.server.requests.length, 1);
  assert.deepEqual(await machine({ faults: [on({ kind: "status", status: 503 }, 4)] }).go(), {
    ...whole,
    transferredBytes: sizeBytes,
  });
});

test("who stops it keeps what came, flushed", async () => {
  const run = machine({ faults: [on({ kind: "stall", afterBytes: 1_100_000 })] });
  run.machine.clock.sleep(1, new AbortController().signal).then(run.abort, () => {});
  await assert.rejects(run.go());
  assert.ok(run.held().sizeBytes > 0 && run.held().equals(content.slice(0, run.held().sizeBytes)));
  assert.equal(run.flushed.at(-1), run.held().sizeBytes);
});

test("without a known length or digest what came is what there is", async () => {
  const run = machine({ offer: { sizeBytes: undefined, sha256: undefined } });
  assert.deepEqual(await run.go(), { ...whole, transferredBytes: sizeBytes });
});

test("a local source is read, and continued, too", async () => {
  const local = { remote: false, location: "/srv/os_2.img" };
  assert.deepEqual(await machine({ offer: local, kept: content.slice(0, 1000) }).go(), {
    ...whole,
    transferredBytes: sizeBytes - 1000,
  });
  await assert.rejects(machine({ offer: { ...local, location: "/srv/none" } }).go(), { code: "not-found" });
});

test("offline no server is asked: what is here is enough, or it is said that it is not", async () => {
  const settings = { offline: true };
  const run = machine({ settings, kept: content });
  assert.deepEqual(await run.go(), { ...whole, transferredBytes: 0 });
  for (const kept of [Content.empty, content.slice(0, 1000)]) {
    const short = machine({ settings, kept });
    await assert.rejects(short.go(), { code: "not-acquired" });
    assert.ok(short.held().equals(kept), "what is here stays");
    assert.equal(short.server.requests.length, 0);
  }
});

test("a limited rate spreads the bytes over time", async () => {
  const elapsed = async (settings: Partial<Settings>): Promise<number> => {
    const run = machine({ settings });
    const before = run.machine.clock.elapsedMs();
    await run.go();
    return run.machine.clock.elapsedMs() - before;
  };
  const fast = await elapsed({});
  const slow = await elapsed({ maxRateBytesPerSecond: 400_000 });
  assert.ok(fast < 1000 && slow >= 2980 && slow < 4000, `${fast} ms and ${slow} ms`);
});

test("a disk that fails while it is written or flushed ends it", async () => {
  for (const [name, code] of [
    ["write", "io-error"],
    ["sync", "flush-failed"],
  ] as const) {
    const server = new SimServer(origin);
    server.put("/os_2.img", content);
    const { session, machine: ports } = sessionOn(bareWorld({ [staged]: "" }, { servers: [server] }), {}, [
      { name, subject: staged, code: "io-error" },
    ]);
    await using file = await ports.disk.open(staged, "modify");
    const request = { offer, file, resumeBytes: 0, onBytes: () => {}, onFlushed: async () => {} };
    await assert.rejects(downloadResource(session, request), { code }, name);
  }
});
