import assert from "node:assert/strict";
import { test } from "node:test";
import { toBytes } from "../../base/text.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { htmlPage, type PlannedServerFault, SimServer } from "../../sim/http/sim-server.ts";
import type { SimWorldOptions } from "../../sim/machine.ts";
import { bareWorld, type SampleSession, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { simKeyring, simSign } from "../../sim/verifier/sim-verifier.ts";
import { type Manifest, readManifest, type SourceFolder } from "./manifest.ts";
import type { Settings } from "../session.ts";
import { readFacts, saveFloor } from "../state/state.ts";

const origin = "http://a.example";
const folder = `${origin}/os`;
const key = { fingerprint: "ABCD", userId: "Releases <r@a.example>" };
const keyring = { "/usr/lib/systemd/import-pubring.pgp": simKeyring([key]) };
const startMs = Date.UTC(2026, 11, 1);
const signedAtMs = Date.UTC(2026, 10, 20);
const digest = "a".repeat(64);
const list = (...names: readonly string[]): Uint8Array => toBytes(names.map((name) => `${digest}  ${name}\n`).join(""));
const source: SourceFolder = { location: folder, remote: true, verify: true, origin: folder };

interface Sample {
  readonly text?: Uint8Array;
  readonly signature?: Uint8Array | null;
  readonly faults?: readonly PlannedServerFault[];
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly options?: Partial<SimWorldOptions>;
  readonly settings?: Partial<Settings>;
}

function machine({
  text = list("os_1"),
  signature,
  faults = [],
  files = keyring,
  options = {},
  settings = {},
}: Sample = {}): SampleSession & { readonly server: SimServer } {
  const server = new SimServer(origin);
  server.put("/os/SHA256SUMS", text);
  if (signature !== null) server.put("/os/SHA256SUMS.gpg", signature ?? simSign(simDigest, key, text, signedAtMs));
  server.plan(...faults);
  return { ...sessionOn(bareWorld(files, { startMs, servers: [server], ...options }), settings), server };
}

async function read({ session }: SampleSession, from: SourceFolder = source): Promise<Manifest | undefined> {
  return readManifest(session, from, await readFacts(session));
}

test("a signed manifest is believed, and it is said who signed it and when", async () => {
  const manifest = await read(machine());
  assert.deepEqual([...(manifest?.entries ?? [])], [["os_1", digest]]);
  assert.deepEqual(manifest?.facts, {
    location: folder,
    origin: folder,
    evidence: "signed",
    signedAtMs,
    signer: key.userId,
  });
});

test("secrets in an address stay out of what is remembered and said", async () => {
  const secret = { ...source, location: "http://me:pass@a.example/os", origin: "http://me:p@ss@a.example/os?token=1" };
  const answer = machine({ signature: null });
  await assert.rejects(read(answer, { ...secret, location: `${origin}/os` }), { code: "no-signature" });
  const facts = (await read(machine(), { ...secret, location: folder }))?.facts;
  assert.deepEqual([facts?.origin, facts?.location], ["http://a.example/os?…", folder]);
});

const html = toBytes("<html><body>Log in</body></html>\n");
const refusals: readonly (readonly [sentence: string, sample: Sample, expected: object])[] = [
  [
    "without a signature",
    { signature: null },
    {
      code: "no-signature",
      message: `Cannot trust ${folder}/SHA256SUMS: it is not signed (no SHA256SUMS.gpg beside it)`,
    },
  ],
  [
    "signed for another text",
    { signature: simSign(simDigest, key, list("os_2"), signedAtMs) },
    { code: "bad-signature", message: `Cannot trust ${folder}/SHA256SUMS: it is for another text` },
  ],
  [
    "signed by a stranger",
    { signature: simSign(simDigest, { fingerprint: "FFFF" }, list("os_1"), signedAtMs) },
    { code: "unknown-signer" },
  ],
  [
    "signed with a key that has expired",
    { files: { "/usr/lib/systemd/import-pubring.pgp": simKeyring([{ ...key, expiresMs: startMs - 1 }]) } },
    { code: "expired-key" },
  ],
  [
    "signed with a key that was revoked",
    { files: { "/usr/lib/systemd/import-pubring.pgp": simKeyring([{ ...key, revoked: true }]) } },
    { code: "revoked-key" },
  ],
  ["whose signature is damaged", { signature: toBytes("nonsense") }, { code: "damaged-signature" }],
  ["where there is no keyring", { files: {} }, { code: "no-keyring" }],
  ["that is a web page", { text: html }, { code: "manifest-is-html", retriable: true }],
  ["whose signature is a web page", { signature: html }, { code: "manifest-is-html" }],
  [
    "that is stale",
    { text: list("BEST-BEFORE-2026-11-30", "os_1") },
    {
      code: "manifest-stale",
      kind: "refused",
      message: `Cannot use ${folder}/SHA256SUMS: it was good until 2026-11-30 only`,
    },
  ],
  [
    "that is absent",
    { faults: [{ path: "/os/SHA256SUMS", fault: { kind: "status", status: 404 } }] },
    { code: "no-manifest" },
  ],
];

for (const [sentence, sample, expected] of refusals) {
  test(`a manifest is refused ${sentence}`, async () => {
    const run = machine(sample);
    await assert.rejects(read(run), expected);
    await assert.rejects(read({ ...run, session: { ...run.session, settings: { live: true, offline: true } } }), {
      code: "not-acquired",
    });
  });
}

test("staleness can be overridden, a signature cannot", async () => {
  const options = { environment: { SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS: "0" } };
  assert.ok(await read(machine({ text: list("BEST-BEFORE-2026-11-30", "os_1"), options })));
  await assert.rejects(read(machine({ signature: null, options })), { code: "no-signature" });
});

test("a manifest signed before the last one accepted is refused, one signed at the same moment is not", async () => {
  const run = machine();
  await saveFloor(run.session, { format: 1, sources: { [folder]: { signedAtMs } } });
  assert.ok(await read(run));
  await saveFloor(run.session, { format: 1, sources: { [folder]: { signedAtMs: signedAtMs + 1 } } });
  await assert.rejects(read(run), { code: "manifest-older", kind: "refused" });
  await saveFloor(run.session, { format: 1, sources: { "http://b.example/os": { signedAtMs: signedAtMs + 1 } } });
  assert.ok(await read(run), "another source's floor is not this one's");
});

test("a stick cannot bring back an older manifest of the source that it stands in for", async () => {
  const text = list("os_1");
  const stick = { "/media/SHA256SUMS": text, "/media/SHA256SUMS.gpg": simSign(simDigest, key, text, signedAtMs) };
  const run = machine({ files: { ...keyring, ...stick } });
  const from = { ...source, location: "/media", remote: false };
  assert.equal((await read(run, from))?.facts.location, "/media");
  await saveFloor(run.session, { format: 1, sources: { [folder]: { signedAtMs: signedAtMs + 1 } } });
  await assert.rejects(read(run, from), { code: "manifest-older" });
});

test("a clock that shows the past makes nothing fresh: the last accepted signature is a time, too", async () => {
  const run = machine({ text: list("BEST-BEFORE-2026-11-30", "os_1"), options: { startMs: 0 } });
  await saveFloor(run.session, { format: 1, sources: { "http://b.example/os": { signedAtMs: startMs } } });
  await assert.rejects(read(run), { code: "manifest-stale" });
  const expired = { "/usr/lib/systemd/import-pubring.pgp": simKeyring([{ ...key, expiresMs: startMs - 1 }]) };
  const keys = machine({ files: expired, options: { startMs: 0 } });
  await saveFloor(keys.session, { format: 1, sources: { "http://b.example/os": { signedAtMs: startMs } } });
  await assert.rejects(read(keys), { code: "expired-key" });
});

test("a manifest caught between it and its signature is fetched once more", async () => {
  const run = machine({ signature: simSign(simDigest, key, list("os_0"), signedAtMs) });
  const right = simSign(simDigest, key, list("os_1"), signedAtMs);
  run.gate.beforeCall = ({ port, subject }) => {
    if (port === "http" && subject.includes("SHA256SUMS") && run.server.requests.length === 3)
      run.server.put("/os/SHA256SUMS.gpg", right);
  };
  assert.ok(await read(run));
  assert.deepEqual(
    run.server.requests.map(({ path }) => path.slice("/os/".length)),
    ["holdfast.json", "SHA256SUMS", "SHA256SUMS.gpg", "SHA256SUMS", "SHA256SUMS.gpg"],
  );
});

test("a line that fails is tried again, a server that refuses is not", async () => {
  const lost = { kind: "no-answer", code: "connection-lost" } as const;
  const retried = machine({ faults: [{ path: "/os/SHA256SUMS", fault: lost, times: 2 }] });
  assert.ok(await read(retried));
  await assert.rejects(read(machine({ faults: [{ path: "/os/SHA256SUMS", fault: lost, times: 3 }] })));
  const status = (code: number): Sample => ({
    faults: [{ path: "/os/SHA256SUMS", fault: { kind: "status", status: code } }],
  });
  assert.ok(await read(machine(status(503))));
  await assert.rejects(read(machine(status(403))), { code: "server-refused" });
});

test("offline the last manifest is proven again, and one that was tampered with since is refused", async () => {
  const world = machine();
  await read(world);
  const offline = { ...world, session: { ...world.session, settings: { live: true, offline: true } } };
  const sent = world.server.requests.length;
  assert.deepEqual((await read(offline))?.facts.evidence, "signed");
  assert.equal(world.server.requests.length, sent, "no server was asked");
  const { disk } = world.machine;
  const [cache] = (await disk.list("/var/lib/holdfast/manifests")).map(
    ({ name }) => `/var/lib/holdfast/manifests/${name}`,
  );
  await using file = await disk.open(`${cache}/SHA256SUMS`, "modify");
  await file.write(0, toBytes("b"));
  await assert.rejects(read(offline), { code: "bad-signature" });
});

const unverified = { ...source, verify: false };

test("without verification a manifest is only listed, and no signature is asked for", async () => {
  const run = machine({ signature: null, files: {} });
  assert.deepEqual((await read(run, unverified))?.facts, {
    location: folder,
    origin: folder,
    evidence: "listed",
    signedAtMs: undefined,
    signer: undefined,
  });
  assert.deepEqual(
    run.server.requests.map(({ path }) => path),
    ["/os/SHA256SUMS"],
  );
});

test("a web page is called one without verification, too", async () => {
  const run = machine({ faults: [{ path: "/os/SHA256SUMS", fault: htmlPage }] });
  await assert.rejects(read(run, unverified), { code: "manifest-is-html" });
});

test("a folder needs a manifest unless verification is off, and a server always does", async () => {
  const run = machine({ files: { "/srv/os/x": toBytes("") } });
  const local = { ...source, location: "/srv/os", remote: false };
  await assert.rejects(read(run, local), { code: "no-manifest", hint: /Verify=no/ });
  assert.equal(await read(run, { ...local, verify: false }), undefined);
  run.server.remove("/os/SHA256SUMS");
  await assert.rejects(read(run, unverified), { code: "no-manifest" });
});
