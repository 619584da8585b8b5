// What a server can do wrong, with each resource (peers.md: 26 server faults; incidents E34 to E36). Whatever it does,
// nothing that boots is lost, the sentence names it, and the next plain update finishes.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { captivePortal, type Rule } from "../../tools/lab/fault-script.ts";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";
import { makeTls } from "../../tools/lab/tls.ts";
import { reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three] = await world.releases(["1", "2", "3"], { index: true });
});
after(async () => world[Symbol.asyncDispose]());

/** Two versions are installed, 2 runs, and 3 is offered: a failure must cost neither of the two. */
async function sceneBefore3(): Promise<Scene> {
  return world.scene({ offered: [one, two, three], installed: [one, two], index: true });
}

const index = "/os_3.erofs.caibx";
const image = "/os_3.erofs";
const entry = "/os_3.efi";
const manifest = "/SHA256SUMS";
const signature = "/SHA256SUMS.gpg";

interface Case {
  readonly what: string;
  readonly rules: readonly Rule[];
  readonly code: number;
  /** How the reason begins; URLs are shown as they are requested. */
  readonly says?: RegExp;
}

const gone = (path: string): readonly Rule[] => [
  { path, status: 404 },
  { path, status: 404, method: "HEAD" },
];

const cases: readonly Case[] = [
  // Resources of the release.
  ...[index, image, entry].flatMap((path): readonly Case[] => [
    {
      what: `404 for ${path} although HEAD finds it`,
      rules: [{ path, status: 404 }],
      code: 1,
      says: /^Cannot download http:\S+: the server does not have it \(status 404\)$/,
    },
    {
      what: `a wrong byte in ${path}`,
      rules: [{ path, flipByteAt: 3000 }],
      code: 1,
      says: /^Cannot use os_3\S+: what http:\S+ sent is not what the manifest lists$/,
    },
    { what: `a cut once in ${path}`, rules: [{ path, cutAfterBytes: 1500, times: 1 }], code: 0 },
  ]),
  {
    what: "404 for the image",
    rules: gone(image),
    code: 1,
    says: /^Cannot download http:\S+: the server does not have it \(status 404\)$/,
  },
  {
    what: "500 once for each resource",
    rules: [index, image, entry].map((path) => ({ path, status: 500, times: 1 })),
    code: 0,
  },
  ...[index, image].map((path): Case => {
    return {
      what: `a web page for ${path}`,
      rules: [{ path, ...captivePortal }],
      code: 1,
      says: /^Cannot use os_3\S+: http:\S+ sent a web page in its place$/,
    };
  }),
  {
    what: "500 always for the image",
    rules: [
      { path: image, status: 500 },
      { path: image, status: 500, method: "HEAD" },
    ],
    code: 5,
    says: /^Cannot download http:\S+: the server failed with status 500$/,
  },
  {
    what: "403 for the image",
    rules: [{ path: image, status: 403 }],
    code: 1,
    says: /^Cannot download http:\S+: the server answered with status 403$/,
  },
  { what: "a cut after every 40000 bytes of the image", rules: [{ path: image, cutAfterBytes: 40_000 }], code: 0 },
  { what: "a cut after every 5000 bytes of the entry", rules: [{ path: entry, cutAfterBytes: 5_000 }], code: 0 },
  {
    what: "a cut before the first byte of the image, always",
    rules: [{ path: image, cutAfterBytes: 0 }],
    code: 5,
    says: /^Cannot fetch http:\S+: /,
  },
  {
    what: "a connection broken before any answer, always, for the entry",
    rules: [{ path: entry, refuse: true }],
    code: 5,
    says: /^Cannot fetch http:\S+: /,
  },
  { what: "a stall once in the image", rules: [{ path: image, stallAfterBytes: 100_000, times: 1 }], code: 0 },
  { what: "a Content-Length too large once", rules: [{ path: image, contentLengthOff: 500, times: 1 }], code: 0 },
  { what: "a Content-Length too small once", rules: [{ path: image, contentLengthOff: -500, times: 1 }], code: 0 },
  {
    what: "a Content-Length that lies in HEAD",
    rules: [{ path: image, contentLengthOff: 5000, method: "HEAD" }],
    code: 0,
  },
  {
    what: "a range ignored after a cut",
    rules: [
      { path: image, cutAfterBytes: 60_000, times: 1 },
      { path: image, ignoreRange: true, from: 2 },
    ],
    code: 0,
  },
  {
    what: "an ETag that changes in the middle of a resume",
    rules: [
      { path: image, cutAfterBytes: 60_000, times: 1, etag: '"first"' },
      { path: image, etag: '"second"', from: 2 },
    ],
    code: 0,
  },
  { what: "chunked answers without a length", rules: [{ path: /os_3/, chunked: true }], code: 0 },
  {
    what: "a redirect that leads to itself",
    rules: [{ path: image, redirect: image }],
    code: 1,
    says: /^Cannot fetch http:\S+: more than 10 redirects$/,
  },
  { what: "a redirect to where it is", rules: [{ path: image, redirect: "/./os_3.erofs?x=1", times: 1 }], code: 0 },

  // The manifest and its signature.
  {
    what: "404 for the manifest",
    rules: gone(manifest),
    code: 1,
    says: /^Cannot use http:\S+: there is no SHA256SUMS in it$/,
  },
  {
    what: "404 for the signature",
    rules: gone(signature),
    code: 1,
    says: /^Cannot trust http:\S+\/SHA256SUMS: it is not signed /,
  },
  ...[manifest, signature].flatMap((path): readonly Case[] => [
    {
      what: `500 always for ${path}`,
      rules: [{ path, status: 500 }],
      code: 1,
      says: /^Cannot download http:\S+: the server failed with status 500$/,
    },
    { what: `500 once for ${path}`, rules: [{ path, status: 500, times: 1 }], code: 0 },
    { what: `a cut once in ${path}`, rules: [{ path, cutAfterBytes: 50, times: 1 }], code: 0 },
    {
      what: `a cut always in ${path}`,
      rules: [{ path, cutAfterBytes: 50 }],
      code: 1,
      says: /^Cannot fetch http:\S+: /,
    },
    {
      what: `a web page for ${path}`,
      rules: [{ path, ...captivePortal }],
      code: 1,
      says: /^Cannot use http:\S+\/SHA256SUMS: it is a web page, not a list of checksums$/,
    },
    { what: `a wrong byte once in ${path}`, rules: [{ path, flipByteAt: 70, times: 1 }], code: 0 },
  ]),
  {
    what: "a wrong byte always in the manifest",
    rules: [{ path: manifest, flipByteAt: 70 }],
    code: 1,
    says: /^Cannot trust http:\S+\/SHA256SUMS: the signature does not belong to this text$/,
  },
  {
    what: "an oversized manifest",
    rules: [{ path: manifest, body: Buffer.alloc(17 << 20, 0x61) }],
    code: 1,
    says: /^Cannot (use|fetch) http:\S+: /,
  },
];

suite("A server that fails costs nothing", { concurrency: 6 }, () => {
  for (const { what, rules, code, says } of cases) {
    test(what, async () => {
      await using scene = await sceneBefore3();
      scene.server.misbehave(...rules);
      const ended = await scene.expect(code, ["update"]);
      if (code === 0) {
        await scene.assertBootable(["2", "3"], three);
        assert.deepEqual((await scene.audit(three)).leftovers, []);
        return;
      }
      assert.match(reason(ended), says ?? /^$/);
      await scene.assertBootable(["1", "2"]);
      scene.server.heal();
      await scene.assertHeals(["2", "3"], three);
    });
  }
});

suite("Metadata that is signed and odd", { concurrency: 4 }, () => {
  test("an empty manifest is an error, not up to date", async () => {
    await using scene = await sceneBefore3();
    await scene.repository.writeRaw(Buffer.alloc(0));
    const ended = await scene.expect(1, ["update"]);
    assert.equal(reason(ended), "Cannot read the manifest SHA256SUMS: it is empty");
    assert.equal(reason(await scene.expect(1, ["check"])), "Cannot read the manifest SHA256SUMS: it is empty");
    await scene.repository.writeManifest();
    await scene.assertHeals(["2", "3"], three);
  });

  test("a name of 10 MB is refused in a short sentence", async () => {
    await using scene = await sceneBefore3();
    await scene.repository.writeRaw(
      Buffer.from(`${fileOf(three, "image").sha256} *os_${"3".repeat(10_000_000)}.erofs\n`),
    );
    const ended = await scene.expect(1, ["update"]);
    assert.match(reason(ended), /^Cannot read the manifest SHA256SUMS: .*line 1: "os_3+" is too long$/);
    assert.ok(ended.stderr.length < 1000);
    await scene.repository.writeManifest();
    await scene.assertHeals(["2", "3"], three);
  });

  test("a release that lacks a resource is not offered, and an older whole one is no update", async () => {
    await using scene = await sceneBefore3();
    const lines = (await scene.repository.readManifest()).split("\n").filter((line) => !line.endsWith("*os_3.erofs"));
    await scene.repository.writeRaw(Buffer.from(lines.join("\n")));
    await scene.expect(3, ["update"]);
    assert.match(
      reason(await scene.expect(4, ["update", "3"])),
      /^Cannot update to 3: the repository has nothing of it /,
    );
    await scene.assertBootable(["1", "2"]);
    await scene.repository.writeManifest();
    await scene.assertHeals(["2", "3"], three);
  });

  test("a signature that comes a moment after its manifest is waited for once", async () => {
    await using scene = await sceneBefore3();
    const old = await world.key.sign(Buffer.from("the manifest of yesterday"));
    scene.server.misbehave({ path: signature, body: old, times: 1 });
    await scene.assertHeals(["2", "3"], three);
    assert.equal(scene.server.requests(signature).length, 2);
  });

  test("a manifest and a signature that never fit are refused", async () => {
    await using scene = await sceneBefore3();
    const old = await world.key.sign(Buffer.from("the manifest of yesterday"));
    scene.server.misbehave({ path: signature, body: old });
    assert.match(
      reason(await scene.expect(1, ["update"])),
      /^Cannot trust http:\S+\/SHA256SUMS: the signature does not belong to this text$/,
    );
    await scene.assertBootable(["1", "2"]);
    scene.server.heal();
    await scene.assertHeals(["2", "3"], three);
  });
});

suite("Rates and secure connections", { concurrency: 4 }, () => {
  test("--max-rate limits the download", async () => {
    await using scene = await sceneBefore3();
    const ended = await scene.expect(0, ["update", "--max-rate=100K"]);
    assert.ok(ended.seconds > 1.5, `took ${ended.seconds} s for 228 kB`);
    await scene.assertBootable(["2", "3"], three);
  });

  test("a slow drip is no failure", async () => {
    await using scene = await sceneBefore3();
    scene.server.misbehave({ path: image, bytesPerSecond: 100_000 });
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["2", "3"], three);
  });

  test("an authority that nobody knows is refused, and one that is told is trusted", async () => {
    const tls = await makeTls();
    await using scene = await world.scene({
      offered: [one, two, three],
      installed: [one, two],
      index: true,
      server: { tls },
    });
    const ended = await scene.expect(1, ["update"]);
    assert.match(reason(ended), /^Cannot fetch https:\S+: the secure connection failed \(/);
    await scene.assertBootable(["1", "2"]);
    assert.equal(scene.server.bytesSent(), 0);
    const { writeFile } = await import("node:fs/promises");
    await writeFile(`${scene.folder}/ca.pem`, tls.authority);
    await scene.expect(0, ["update"], { env: { NODE_EXTRA_CA_CERTS: `${scene.folder}/ca.pem` } });
    await scene.assertBootable(["2", "3"], three);
  });
});
