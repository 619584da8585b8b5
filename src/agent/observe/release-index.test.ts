import assert from "node:assert/strict";
import { test } from "node:test";
import { toBytes } from "../../base/text.ts";
import type { SourceFloor } from "../../domain/records.ts";
import { formatSignedText } from "../../format/signed-text.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { htmlPage, type ServerFault, SimServer } from "../../sim/http/sim-server.ts";
import type { SimWorldOptions } from "../../sim/machine.ts";
import { indexed, releaseFile, simIndex } from "../../sim/scenario/sample-index.ts";
import { bareWorld, type SampleSession, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { simKeyring, simSign } from "../../sim/verifier/sim-verifier.ts";
import type { Settings } from "../session.ts";
import { readFacts, saveFloor } from "../state/state.ts";
import { type Manifest, readManifest, type SourceFolder } from "./manifest.ts";

const origin = "http://a.example";
const folder = `${origin}/os`;
const key = { fingerprint: "ABCD", userId: "Releases <r@a.example>" };
const keyring = { "/usr/lib/systemd/import-pubring.pgp": simKeyring([key]) };
const startMs = Date.UTC(2026, 11, 1);
const signedAtMs = Date.UTC(2026, 10, 20);
const source: SourceFolder = { location: folder, remote: true, verify: true, origin: folder };

const one = indexed({ version: "1", resources: [releaseFile("os_1.efi", toBytes("one"))] }).entry;
const two = indexed({ version: "2", withdrawn: true, resources: [releaseFile("os_2.efi", toBytes("two"))] }).entry;
const index = simIndex(key, [one, two], signedAtMs, { serial: 7 });
const pair = toBytes(`${"a".repeat(64)}  os_0.efi\n`);

interface Sample {
  readonly index?: Uint8Array | null;
  readonly fault?: ServerFault;
  readonly floor?: SourceFloor;
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly options?: Partial<SimWorldOptions>;
  readonly settings?: Partial<Settings>;
}

async function machine(sample: Sample = {}): Promise<SampleSession & { readonly server: SimServer }> {
  const server = new SimServer(origin);
  server.put("/os/SHA256SUMS", pair);
  server.put("/os/SHA256SUMS.gpg", simSign(simDigest, key, pair, signedAtMs + 1000));
  if (sample.index !== null) server.put("/os/holdfast.json", sample.index ?? index);
  if (sample.fault !== undefined) server.plan({ path: "/os/holdfast.json", fault: sample.fault, times: 9 });
  const world = bareWorld(sample.files ?? keyring, { startMs, servers: [server], ...sample.options });
  const run = sessionOn(world, sample.settings);
  if (sample.floor !== undefined) await saveFloor(run.session, { format: 1, sources: { [folder]: sample.floor } });
  return { ...run, server };
}

async function read({ session }: SampleSession, from: SourceFolder = source): Promise<Manifest | undefined> {
  return readManifest(session, from, await readFacts(session));
}

const namesOf = (manifest: Manifest | undefined): readonly string[] => [...(manifest?.entries.keys() ?? [])];

test("an index is one request, and offers what was not taken back", async () => {
  const run = await machine();
  const manifest = await read(run);
  assert.deepEqual([...(manifest?.entries ?? [])], [["os_1.efi", one.files[0]?.sha256]]);
  assert.deepEqual(manifest?.facts, {
    location: folder,
    origin: folder,
    evidence: "signed",
    signedAtMs,
    signer: key.userId,
    serial: 7,
  });
  assert.deepEqual(
    run.server.requests.map(({ path }) => path),
    ["/os/holdfast.json"],
  );
});

const absent: readonly (readonly [sentence: string, sample: Sample])[] = [
  ["is not there", { index: null }],
  ["is forbidden, as stores of objects say of what they do not have", { fault: { kind: "status", status: 403 } }],
  ["is the front page of a site that answers everything", { fault: htmlPage }],
  ["is signed and of a later format", { index: newer('{"format": 2}') }],
];

function newer(text: string): Uint8Array {
  const signed = toBytes(text);
  return formatSignedText({ text: signed, signature: simSign(simDigest, key, signed, signedAtMs) });
}

for (const [sentence, sample] of absent) {
  test(`the pair is read where the index ${sentence}`, async () => {
    assert.deepEqual(namesOf(await read(await machine(sample))), ["os_0.efi"]);
  });
}

const doubled = { ...one, version: two.version, files: [{ ...releaseFile("os_1.efi", toBytes("other")) }] };
const refusals: readonly (readonly [sentence: string, sample: Sample, expected: object])[] = [
  [
    "that a stranger signed",
    { index: simIndex({ fingerprint: "FFFF" }, [one], signedAtMs) },
    { code: "unknown-signer", message: /^Cannot trust http:\/\/a\.example\/os\/holdfast\.json: / },
  ],
  [
    "whose text is another than the one signed",
    { index: formatSignedText({ text: toBytes("{}"), signature: simSign(simDigest, key, pair, signedAtMs) }) },
    { code: "bad-signature" },
  ],
  ["where there is no keyring", { files: {} }, { code: "no-keyring" }],
  ["that is cut off", { index: index.subarray(0, 300) }, { code: "manifest-damaged", message: /is not JSON$/ }],
  ["that is signed and makes no sense", { index: newer('{"format": 1}') }, { code: "manifest-damaged" }],
  [
    "that lists a name with two digests",
    { index: simIndex(key, [one, doubled], signedAtMs) },
    { code: "manifest-damaged", message: /lists os_1\.efi with two digests$/ },
  ],
  [
    "that is an earlier one",
    { floor: { signedAtMs, index: { serial: 8, signedAtMs } } },
    { code: "manifest-older", kind: "refused", message: /: it is number 7, and number 8 was accepted here last$/ },
  ],
  [
    "that was signed earlier",
    { floor: { signedAtMs, index: { serial: 7, signedAtMs: signedAtMs + 1 } } },
    { code: "manifest-older", message: /it was signed on 2026-11-20 00:00, before/ },
  ],
  [
    "whose time is over",
    { index: simIndex(key, [one], signedAtMs, { expires: "2026-11-30T23:59:59Z" }) },
    { code: "manifest-stale", kind: "refused", message: /: it was good until 2026-11-30T23:59:59Z only$/ },
  ],
  ["of a server that fails", { fault: { kind: "status", status: 500 } }, { code: "server-failed" }],
];

for (const [sentence, sample, expected] of refusals) {
  test(`an index is refused ${sentence}, and the pair does not stand in for it`, async () => {
    const run = await machine(sample);
    await assert.rejects(read(run), expected);
    assert.ok(run.server.requests.every(({ path }) => path === "/os/holdfast.json"));
  });
}

test("the pair is signed a moment after the index, and its floor does not count for the index", async () => {
  assert.ok(await read(await machine({ floor: { signedAtMs: signedAtMs + 1000 } })));
  assert.ok(await read(await machine({ floor: { signedAtMs, index: { serial: 7, signedAtMs } } })));
});

test("taking the index away brings back no older pair", async () => {
  const floor = { signedAtMs: signedAtMs + 2000, index: { serial: 7, signedAtMs: signedAtMs + 2000 } };
  await assert.rejects(read(await machine({ index: null, floor })), { code: "manifest-older" });
});

test("staleness can be overridden", async () => {
  const stale = simIndex(key, [one], signedAtMs, { expires: "2026-11-30T23:59:59Z" });
  const options = { environment: { SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS: "0" } };
  assert.deepEqual(namesOf(await read(await machine({ index: stale, options }))), ["os_1.efi"]);
});

test("offline the last index is proven again, and forgotten once the source has none", async () => {
  const run = await machine();
  await read(run);
  const offline = { ...run, session: { ...run.session, settings: { live: true, offline: true } } };
  assert.deepEqual(namesOf(await read(offline)), ["os_1.efi"]);
  assert.equal(run.server.requests.length, 1);
  run.server.remove("/os/holdfast.json");
  await saveFloor(run.session, {
    format: 1,
    sources: { [folder]: { signedAtMs, index: { serial: 7, signedAtMs } } },
  });
  assert.deepEqual(namesOf(await read(run)), ["os_0.efi"]);
  assert.deepEqual(namesOf(await read(offline)), ["os_0.efi"]);
});

test("a folder is read through its index as well, against the floor of the source that it stands in for", async () => {
  const run = await machine({ files: { ...keyring, "/media/holdfast.json": index } });
  const stick = { ...source, location: "/media", remote: false };
  assert.deepEqual(namesOf(await read(run, stick)), ["os_1.efi"]);
  const floor = { signedAtMs, index: { serial: 8, signedAtMs } };
  await saveFloor(run.session, { format: 1, sources: { [folder]: floor } });
  await assert.rejects(read(run, stick), { code: "manifest-older" });
});

test("without verification the index is not read", async () => {
  const run = await machine();
  assert.deepEqual(namesOf(await read(run, { ...source, verify: false })), ["os_0.efi"]);
  assert.deepEqual(
    run.server.requests.map(({ path }) => path),
    ["/os/SHA256SUMS"],
  );
});
