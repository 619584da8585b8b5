// A download by delta, and everything that can go wrong with one: the resource comes all the same, and no byte twice that
// did not have to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../../base/ids.ts";
import type { Offer } from "../../../domain/resource.ts";
import { Content } from "../../../sim/disk/content.ts";
import { type PlannedServerFault, type ServerFault, SimServer } from "../../../sim/http/sim-server.ts";
import { sampleDelta } from "../../../sim/scenario/sample-delta.ts";
import { simSha256 } from "../../../sim/scenario/sample-index.ts";
import { bareWorld, type SampleSession, sessionOn } from "../../../sim/scenario/session.fixture.ts";
import { type Downloaded, downloadResource } from "../download-resource.ts";
import { deltaWay } from "./delta-way.ts";
import type { Way } from "./way.ts";
import { wholeWay } from "./whole-way.ts";

const origin = "http://a.example";
const sizeBytes = 60_000;
const old = Content.pattern(1, sizeBytes);
const target = old.with(10_000, Content.pattern(2, 4_000)).with(50_000, Content.pattern(3, 3_000));
const { delta, bytes } = sampleDelta("os_2.img", "1", old.bytes(), target.bytes());
const path = `/${delta.name}`;

const offer: Offer = {
  transfer: "10-root",
  version: parseVersion("2"),
  name: "os_2.img",
  location: `${origin}/os_2.img`,
  remote: true,
  shape: { kind: "bytes", compression: undefined },
  fields: { version: parseVersion("2") },
  evidence: "signed",
  sha256: simSha256(target.bytes()),
  sizeBytes,
};

interface Sample {
  readonly old?: Content;
  readonly delta?: Uint8Array;
  readonly faults?: readonly PlannedServerFault[];
  /** Of the resource, from an earlier run. */
  readonly kept?: Content;
  readonly from?: string;
  readonly rate?: number;
  /** Between the delta and the whole file. */
  readonly more?: readonly Way[];
}

interface Run extends SampleSession {
  readonly server: SimServer;
  go(): Promise<Downloaded>;
  readonly notes: () => readonly string[];
  readonly asked: () => readonly string[];
}

function machine(sample: Sample = {}): Run {
  const server = new SimServer(origin);
  server.put("/os_2.img", target);
  server.put(path, sample.delta ?? bytes);
  server.plan(...(sample.faults ?? []));
  const kept = sample.kept ?? Content.empty;
  const world = bareWorld({ "/staged": kept, "/images/os_1.img": sample.old ?? old }, { servers: [server] });
  const run = sessionOn(world, sample.rate === undefined ? {} : { maxRateBytesPerSecond: sample.rate });
  const { session } = run;
  return {
    ...run,
    server,
    notes: () => run.progress.events.flatMap((event) => (event.kind === "note" ? [event.text] : [])),
    asked: () => server.requests.map((request) => `${request.path} ${request.offset}`),
    go: async () => {
      await using file = await run.machine.disk.open("/staged", "modify");
      const from = { kind: "file", path: sample.from ?? "/images/os_1.img" } as const;
      const ways = [
        deltaWay(session, { offer, delta, repository: { folder: origin, remote: true }, from }),
        ...(sample.more ?? []),
        wholeWay(session, offer),
      ];
      const request = { offer, file, resumeBytes: kept.sizeBytes, ways, onBytes: () => {}, onFlushed: async () => {} };
      const downloaded = await downloadResource(session, request);
      const made = world.tree.peek("/staged");
      assert.ok(made instanceof Content);
      assert.equal(simSha256(made.bytes()), offer.sha256);
      return downloaded;
    },
  };
}

const head = delta.head.sizeBytes;
const on = (fault: ServerFault, more: Partial<PlannedServerFault> = {}): PlannedServerFault => ({
  path,
  fault,
  ...more,
});

test("a delta is two requests, and what crosses the line is the delta", async () => {
  const run = machine();
  assert.equal((await run.go()).transferredBytes, delta.sizeBytes);
  assert.deepEqual(run.asked(), [`${path} 0`, `${path} ${head}`]);
  assert.equal(run.server.bytesSent, delta.sizeBytes);
  assert.deepEqual(run.notes(), []);
});

test("a cut line goes on behind the last section that was whole", async () => {
  const run = machine({ faults: [on({ kind: "cut", afterBytes: 5_000 }, { after: 1 })] });
  const { transferredBytes } = await run.go();
  assert.equal(run.asked().length, 3);
  assert.ok(run.asked().every((line) => line.startsWith(path)));
  assert.ok(transferredBytes < delta.sizeBytes + 4_100, `${transferredBytes}`);
});

test("an earlier run's bytes are kept, and only the sections behind them are fetched", async () => {
  const run = machine({ kept: target.slice(0, 20_001) });
  const { transferredBytes } = await run.go();
  assert.ok(transferredBytes < head + 3_100, `${transferredBytes}`);
});

test("what an earlier run left and does not fit is made anew, by delta again", async () => {
  const run = machine({ kept: Content.pattern(9, 20_001) });
  await run.go();
  assert.match(run.notes()[0] ?? "", /did not fit; downloading it again$/);
  assert.ok(run.asked().every((line) => line.startsWith(path)));
});

const flipped = (at: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x55;
  return copy;
};

/** What goes wrong, how it is said, and from which byte on the whole file is fetched. */
const failures: readonly (readonly [sentence: string, sample: Sample, note: RegExp, from: number])[] = [
  ["the server does not have it", { faults: [on({ kind: "status", status: 404 })] }, /does not have it/, 0],
  ["the server forbids it", { faults: [on({ kind: "status", status: 403 })] }, /status 403/, 0],
  ["the head is damaged", { delta: flipped(50) }, /its head is not the one that was published/, 0],
  ["a section is damaged", { delta: flipped(bytes.length - 100) }, /its digest is another/, 52_000],
  ["the delta is cut short", { delta: bytes.subarray(0, -10) }, /the server ended it early/, 52_000],
  ["the server knows no ranges", { faults: [on({ kind: "no-ranges" }, { times: 9 })] }, /whole files only/, 0],
  ["the old file is not there", { from: "/images/os_9.img" }, /os_9/, 0],
  ["the old file is too short", { old: old.slice(0, 59_999) }, /shorter than it has to be/, 0],
];

for (const [sentence, sample, note, from] of failures) {
  test(`the whole file takes over where ${sentence}`, async () => {
    const run = machine(sample);
    await run.go();
    assert.match(run.notes().at(-1) ?? "", note);
    assert.match(run.notes().at(-1) ?? "", new RegExp(`; going on with the whole file at byte ${from}$`));
    assert.equal(run.asked().at(-1), `/os_2.img ${from}`);
  });
}

test("an old file with other bytes costs the delta: the digest of the whole tells, and the file is fetched", async () => {
  const run = machine({ old: old.with(30_000, Content.pattern(8, 100)) });
  await run.go();
  assert.deepEqual(run.notes(), [
    "What a delta from version 1 made is not os_2.img; beginning again with the whole file",
  ]);
  assert.equal(run.asked().at(-1), "/os_2.img 0");
});

test("chunks, which prove what an old file has, come before the whole file where the delta made something else", async () => {
  const chunks = (made: Content): Way => ({
    kind: "chunks",
    title: "chunks",
    open: async (from) => ({
      startsAt: from,
      body: (async function* () {
        yield made.slice(from).bytes();
      })(),
    }),
  });
  const damaged = old.with(30_000, Content.pattern(8, 100));
  const run = machine({ old: damaged, more: [chunks(target)] });
  await run.go();
  assert.deepEqual(run.notes(), ["What a delta from version 1 made is not os_2.img; beginning again with chunks"]);
  assert.ok(run.asked().every((line) => line.startsWith(path)));
  const worse = machine({ old: damaged, more: [chunks(damaged)] });
  await worse.go();
  assert.match(worse.notes().at(-1) ?? "", /^What chunks made is not os_2.img; beginning again with the whole file$/);
});

test("a server that never sends the delta to its end is left, too", async () => {
  const run = machine({ faults: [on({ kind: "cut", afterBytes: 100 }, { after: 1, times: 99 })] });
  await run.go();
  assert.match(run.notes().at(-1) ?? "", /; going on with the whole file at byte \d+$/);
});

test("a line that is dead ends the run, and what was made is kept", async () => {
  const dead = { kind: "no-answer", code: "connection-lost" } as const;
  const run = machine({
    faults: [{ path: "/*", fault: dead, after: 2, times: 99 }, on({ kind: "cut", afterBytes: 5_000 }, { after: 1 })],
  });
  await assert.rejects(run.go(), { code: "connection-lost", kind: "interrupted" });
  assert.equal((await run.machine.disk.stat("/staged"))?.sizeBytes, 48_000);
});

test("--max-rate holds back what crosses the line, not what is made of it", async () => {
  const run = machine({ rate: 1_000 });
  const before = run.machine.clock.elapsedMs();
  await run.go();
  const seconds = (run.machine.clock.elapsedMs() - before) / 1000;
  assert.ok(seconds > delta.sizeBytes / 1_000 - 2 && seconds < delta.sizeBytes / 1_000 + 2, `${seconds}`);
});
