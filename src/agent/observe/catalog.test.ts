import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../base/ids.ts";
import { toBytes } from "../../base/text.ts";
import type { Offer, Release } from "../../domain/resource.ts";
import { sampleTransfer } from "../../domain/sample-transfer.ts";
import type { Transfer } from "../../format/definitions.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { SimServer } from "../../sim/http/sim-server.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { simKeyring, simSign } from "../../sim/verifier/sim-verifier.ts";
import { readCatalog } from "./catalog.ts";
import type { Settings } from "../session.ts";
import { readFacts } from "../state/state.ts";

const origin = "http://a.example";
const key = { fingerprint: "ABCD" };
const hex = (digit: string): string => digit.repeat(64);

function transfer(
  id: string,
  patterns: string,
  more: { readonly source?: string; readonly transfer?: string } = {},
): Transfer {
  const source = `Path=${origin}/os/\nMatchPattern=\nMatchPattern=${patterns}\n${more.source ?? ""}`;
  return sampleTransfer(id, { path: "/images", patterns: `${id}_@v`, source, transfer: more.transfer ?? "" });
}

const root = transfer("root", "os_@v.img.xz os_@v.img");
const uki = transfer("uki", "os_@v.efi");

/** Names with their digests as a signed manifest at the server. */
function serverWith(names: Readonly<Record<string, string>>): SimServer {
  const server = new SimServer(origin);
  const text = toBytes(
    Object.entries(names)
      .map(([name, digit]) => `${hex(digit)}  ${name}\n`)
      .join(""),
  );
  server.put("/os/SHA256SUMS", text);
  server.put("/os/SHA256SUMS.gpg", simSign(simDigest, key, text, Date.UTC(2026, 1, 1)));
  return server;
}

async function releases(
  transfers: readonly Transfer[],
  names: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string | Uint8Array>> = {},
  settings: Partial<Settings> = {},
): Promise<readonly Release[]> {
  const world = bareWorld(
    { "/etc/systemd/import-pubring.pgp": simKeyring([key]), ...files },
    { servers: [serverWith(names)] },
  );
  const { session } = sessionOn(world, settings);
  return (await readCatalog(session, transfers, await readFacts(session))).releases;
}

const inWords = (all: readonly Release[]): readonly string[] =>
  all.map(({ version, missing }) => [version, ...missing.map((id) => `-${id}`)].join(" "));

test("a version is offered with what each transfer has of it, newest first, and what is missing", async () => {
  const names = { "os_1.9.img": "1", "os_1.9.efi": "2", "os_1.10.img": "3", "os_2.efi": "4", readme: "5" };
  assert.deepEqual(inWords(await releases([root, uki], names)), ["2 -root", "1.10 -uki", "1.9"]);
});

test("an offer carries its digest, where it is, how it travels, and that it is signed", async () => {
  const [release] = await releases([root], { "os_2.img.xz": "1" });
  const expected: Offer = {
    transfer: "root",
    version: parseVersion("2"),
    name: "os_2.img.xz",
    location: `${origin}/os/os_2.img.xz`,
    remote: true,
    shape: { kind: "bytes", compression: "xz" },
    fields: { version: parseVersion("2") },
    evidence: "signed",
    sha256: release?.offers[0]?.sha256,
    sizeBytes: undefined,
  };
  assert.deepEqual(release?.offers, [expected]);
  assert.equal(release?.offers[0]?.sha256, hex("1"));
});

test("the whole name must match: an index beside an image is no image (KDE Linux, 2026)", async () => {
  assert.deepEqual(await releases([root], { "os_5.img.caibx": "1", "aos_5.img": "2", "sub/os_5.img": "3" }), []);
});

test("of several names of one version the earliest pattern's counts", async () => {
  for (const names of [
    { "os_2.img": "1", "os_2.img.xz": "2" },
    { "os_2.img.xz": "2", "os_2.img": "1" },
  ]) {
    const [release] = await releases([root], names);
    assert.deepEqual(
      release?.offers.map(({ name }) => name),
      ["os_2.img.xz"],
    );
  }
});

test("a name is written into its address so that the server gets it back", async () => {
  const odd = transfer("odd", "os_@v+@l.efi");
  const [release] = await releases([odd], { "os_2~rc1+3.efi": "1" });
  assert.equal(release?.offers[0]?.location, `${origin}/os/os_2~rc1+3.efi`);
});

test("versions outside MinVersion= and MaxVersion= of any transfer are not offered", async () => {
  const names = {
    "os_1.img": "1",
    "os_1.efi": "1",
    "os_2.img": "2",
    "os_2.efi": "2",
    "os_3.img": "3",
    "os_3.efi": "3",
  };
  const limited = { ...root, minVersion: parseVersion("2") };
  assert.deepEqual(inWords(await releases([limited, uki], names)), ["3", "2"]);
  assert.deepEqual(inWords(await releases([limited, { ...uki, maxVersion: parseVersion("2") }], names)), ["2"]);
});

test("one manifest that cannot be trusted offers nothing at all", async () => {
  const other = transfer("uki", "os_@v.efi", { source: "Path=http://b.example/os/" });
  await assert.rejects(releases([root, other], { "os_2.img": "1" }), { code: "unknown-host" });
});

const stick = (more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string | Uint8Array>> => {
  const text = toBytes(`${hex("1")}  os_2.img\n${hex("2")}  os_2.efi\n${hex("3")}  os_3.img\n`);
  return {
    "/media/SHA256SUMS": text,
    "/media/SHA256SUMS.gpg": simSign(simDigest, key, text, 1),
    "/media/os_2.img": "image",
    "/media/os_2.efi": "uki",
    ...more,
  };
};

test("from a folder only what is listed and there is offered, with its size", async () => {
  const found = await releases([root, uki], {}, stick({ "/media/os_4.img": "not listed", "/media/os_4.efi": "" }), {
    from: "/media",
  });
  assert.deepEqual(inWords(found), ["2"]);
  assert.deepEqual(
    found[0]?.offers.map(({ location, remote, sizeBytes, evidence }) => [location, remote, sizeBytes, evidence]),
    [
      ["/media/os_2.img", false, 5, "signed"],
      ["/media/os_2.efi", false, 3, "signed"],
    ],
  );
});

test("without verification what is not listed is offered too, as nobody's word; links and hidden files are not", async () => {
  const files = {
    ...stick({ "/media/os_4.img": "four", "/media/.os_5.img": "five" }),
    "/media/os_6.img": "->os_4.img",
  };
  const found = await releases([root], {}, files, { from: "/media", verify: false });
  assert.deepEqual(
    found.map(({ version, offers }) => [version, offers[0]?.evidence, offers[0]?.sha256]),
    [
      ["4", "none", undefined],
      ["2", "listed", hex("1")],
    ],
  );
});

test("a tree has no signature, so it is refused unless verification is off", async () => {
  const tree = sampleTransfer("tree", {
    path: "/images",
    patterns: "os_@v",
    source: "Type=directory\nPath=/srv\nMatchPattern=\nMatchPattern=os_@v",
    target: "Type=directory",
  });
  const files = { "/srv/os_2/file": "", "/srv/os_1": "a file" };
  await assert.rejects(releases([tree], {}, files), { code: "tree-cannot-be-verified", kind: "refused" });
  const [release, ...rest] = await releases([{ ...tree, verify: false }], {}, files);
  assert.deepEqual(rest, []);
  assert.deepEqual(
    release?.offers.map(({ location, shape, evidence }) => [location, shape.kind, evidence]),
    [["/srv/os_2", "tree", "none"]],
  );
});

test("a file address is a folder of the machine, written with percent signs", async () => {
  const at = (path: string): Transfer => transfer("root", "os_@v.img", { source: `Path=file://${path}/` });
  const files = Object.fromEntries(
    Object.entries(stick()).map(([path, content]) => [path.replace("/media", "/my #1"), content]),
  );
  assert.deepEqual(inWords(await releases([at("/my%%20%%231")], {}, files)), ["2"]);
  await assert.rejects(releases([at("/my%%zz")], {}, files), { code: "bad-address" });
});
