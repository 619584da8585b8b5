import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../../src/base/fault.ts";
import { parseSha256, type Sha256 } from "../../src/base/ids.ts";
import { authenticodeRanges, readSignatures } from "../../src/format/authenticode.ts";
import { readPe } from "../../src/format/pe.ts";
import { bytesReader, tinyUki } from "../../src/format/pe.fixture.ts";
import { codeVerifierContract } from "../../src/port/code-verifier.contract.ts";
import { KeyRoom, keyRoomTools } from "../../tools/lab/secure-boot/keys.ts";
import { ensureTools } from "../../tools/toolbox/toolbox.ts";
import { nodeCodeVerifier } from "../../src/adapter/code-verifier/node-code-verifier.ts";

const tools = await ensureTools([...keyRoomTools, "osslsigncode"]);
const skip = tools.missing.length > 0;

async function digestOf(image: Uint8Array): Promise<Sha256> {
  const hash = createHash("sha256");
  for (const { offset, length } of authenticodeRanges(await readPe(bytesReader(image)), image.length))
    hash.update(image.subarray(offset, offset + length));
  return parseSha256(hash.digest("hex"));
}

async function signaturesOf(image: Uint8Array): Promise<readonly Uint8Array[]> {
  return readSignatures(bytesReader(image), await readPe(bytesReader(image)));
}

async function firstOf(image: Uint8Array): Promise<Uint8Array> {
  const [first] = await signaturesOf(image);
  assert.ok(first !== undefined);
  return first;
}

const makeKeys = async (room: KeyRoom) => {
  const authority = await room.make("authority", { authority: true });
  return {
    authority,
    leaf: await room.make("leaf", { issuer: authority }),
    stranger: await room.make("stranger"),
  };
};

if (!skip)
  codeVerifierContract("nodeCodeVerifier with openssl's certificates and sbsign's signatures", async () => {
    const room = await KeyRoom.open(tools);
    const keys = await makeKeys(room);
    return {
      verifier: nodeCodeVerifier,
      certificate: async (of) => keys[of].certificate,
      sign: async (by) => {
        const image = await room.sign(tinyUki(), keys[by]);
        return { signature: await firstOf(image), digest: await digestOf(image) };
      },
      // Its last bytes are the RSA signature, padding aside.
      forge: async (by) => {
        const signature = Uint8Array.from(await firstOf(await room.sign(tinyUki(), keys[by])));
        const end = signature.findLastIndex((byte) => byte !== 0);
        signature[end - 40] = (signature[end - 40] ?? 0) ^ 1;
        return signature;
      },
      done: () => room[Symbol.asyncDispose](),
    };
  });

test("of images signed by sbsign and by osslsigncode, once and twice, the digest and the signers are found", {
  skip,
}, async () => {
  await using room = await KeyRoom.open(tools);
  const { leaf, stranger, authority } = await makeKeys(room);
  const plain = tinyUki({ payload: "kernel".repeat(999) });
  const digest = await digestOf(plain);
  const bySbsign = await room.sign(plain, leaf, [authority]);
  const byOssl = await room.signWithOsslsigncode(plain, stranger);
  const byBoth = await room.sign(bySbsign, stranger);
  const table = [
    [bySbsign, ["leaf"]],
    [byOssl, ["stranger"]],
    [byBoth, ["leaf", "stranger"]],
  ] as const;
  const anchors = [authority, leaf, stranger].map(({ certificate }) => certificate);
  for (const [image, signers] of table) {
    const opened = await Promise.all((await signaturesOf(image)).map((one) => nodeCodeVerifier.open(one, anchors)));
    assert.deepEqual(
      opened.map(({ signer }) => signer.subject),
      signers,
    );
    assert.deepEqual(new Set([await digestOf(image), ...opened.map((one) => one.digest)]), new Set([digest]));
    for (const [index, key] of [authority, leaf, stranger].entries()) {
      const found = opened.some(({ paths }) => paths.some(({ anchor }) => anchor === index));
      assert.equal(found, await room.verifies(image, key), `${signers.join()} leads to ${key.name}, as sbverify says`);
    }
  }
});

test("a certificate that may issue none vouches for nobody, and dates do not count", { skip }, async () => {
  await using room = await KeyRoom.open(tools);
  const impostor = await room.make("impostor");
  const leaf = await room.make("leaf", { issuer: impostor, days: -1 });
  const signature = await firstOf(await room.sign(tinyUki(), leaf));
  const { paths } = await nodeCodeVerifier.open(signature, [impostor.certificate, leaf.certificate]);
  assert.deepEqual(
    paths.map(({ anchor }) => anchor),
    [1],
  );
});

test("any bytes, and any change to a signature, open or throw a Fault; nothing changed says the signer signed it", {
  skip,
}, async () => {
  await using room = await KeyRoom.open(tools);
  const { leaf } = await makeKeys(room);
  const whole = await firstOf(await room.sign(tinyUki(), leaf));
  const opens = async (bytes: Uint8Array): Promise<string | undefined> => {
    try {
      return (await nodeCodeVerifier.open(bytes, [leaf.certificate])).digest;
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
      return undefined;
    }
  };
  const digest = await opens(whole);
  assert.ok(digest !== undefined);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      assert.equal(await opens(bytes), undefined);
    }),
    { numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bytes = Uint8Array.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      const opened = await opens(bytes);
      assert.ok(opened === undefined || opened === digest);
    }),
    { numRuns: 500 },
  );
});
