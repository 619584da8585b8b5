// P12 with nothing of our own around it: keys by openssl, signatures by sbsign and osslsigncode, lists by efitools, files
// as efivarfs has them; sbverify says where a signature leads, and the verdict has to agree.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { efiFirmware } from "../../src/adapter/firmware/efi-firmware.ts";
import { realMachine } from "../../src/adapter/machine.ts";
import { judgeBootImage, readSecureBoot } from "../../src/agent/observe/secure-boot.ts";
import type { Session } from "../../src/agent/session.ts";
import { tinyPe, tinyUki } from "../../src/format/pe.fixture.ts";
import { type BootKey, KeyRoom, keyRoomTools, type ListedKey, listTools } from "../../tools/lab/secure-boot/keys.ts";
import { ensurePackages, ensureTools } from "../../tools/toolbox/toolbox.ts";

const tools = await ensureTools([...keyRoomTools, ...listTools, "osslsigncode"]);
const skip = tools.missing.length > 0 ? `${tools.missing[0]?.program}: ${tools.missing[0]?.why}` : false;

const files = {
  SecureBoot: "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
  db: "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f",
  dbx: "dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f",
  MokListRT: "MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23",
  SbatLevelRT: "SbatLevelRT-605dab50-e046-4300-abb6-3dd810dd8b23",
} as const;

type Variables = Readonly<Partial<Record<keyof typeof files, Uint8Array>>>;

/** The verdict on `image` under these variables, in words. */
async function judged(folder: string, variables: Variables, image: Uint8Array, thorough: boolean): Promise<string> {
  const all: Variables = { SecureBoot: Uint8Array.of(1), ...variables };
  for (const [name, file] of Object.entries(files)) {
    const value = all[name as keyof typeof files];
    await rm(join(folder, file), { force: true });
    if (value !== undefined) await writeFile(join(folder, file), Buffer.concat([Uint8Array.of(6, 0, 0, 0), value]));
  }
  await writeFile(join(folder, "image.efi"), image);
  await using machine = realMachine({ progress: { report: () => undefined } });
  const session: Session = {
    machine: { ...machine, firmware: efiFirmware({ root: "/", folder }) },
    settings: { live: true },
    signal: new AbortController().signal,
  };
  const secureBoot = await readSecureBoot(session);
  assert.equal(secureBoot.kind, "on");
  if (secureBoot.kind !== "on") return "";
  await using file = await machine.disk.open(join(folder, "image.efi"), "read");
  const verdict = await judgeBootImage(session, secureBoot.policy, file, { thorough });
  return verdict.kind === "taken" ? "taken" : verdict.code;
}

test("verdicts on images signed by real programs, under lists written by real programs", { skip }, async () => {
  await using room = await KeyRoom.open(tools);
  const folder = await mkdtemp(join(tmpdir(), "holdfast-verdicts-"));
  try {
    const authority = await room.make("authority", { authority: true });
    const leaf = await room.make("leaf", { issuer: authority });
    const stranger = await room.make("stranger");
    const plain = tinyUki();
    const signed = await room.sign(plain, leaf);
    const twice = await room.sign(signed, stranger);
    const ossl = await room.signWithOsslsigncode(plain, leaf);
    const tampered = Uint8Array.from(signed);
    tampered[2000] = (tampered[2000] ?? 0) ^ 1;
    const generation = await room.sign(
      tinyPe([
        [".osrel", "ID=x\n"],
        [".sbat", "sbat,1\nsystemd-stub,2\n"],
      ]),
      leaf,
    );
    const list = async (...what: readonly ListedKey[]): Promise<Uint8Array> => {
      const parts: Uint8Array[] = [];
      for (const one of what) parts.push(await room.list(one));
      return Buffer.concat(parts);
    };
    const certificate = (key: BootKey): ListedKey => ({ kind: "certificate", key });
    const dbLeaf = await list(certificate(leaf));
    const dbAuthority = await list(certificate(authority));
    const since = "2020-01-01 00:00:00";
    const table: readonly (readonly [string, Variables, Uint8Array, string])[] = [
      ["signed, its certificate in db", { db: dbLeaf }, signed, "taken"],
      ["signed, its issuer in db", { db: dbAuthority }, signed, "taken"],
      ["signed by osslsigncode", { db: dbAuthority }, ossl, "taken"],
      ["one of two signers in db", { db: dbAuthority }, twice, "taken"],
      ["not signed", { db: dbLeaf }, plain, "unsigned"],
      ["a stranger in db only", { db: await list(certificate(stranger)) }, signed, "unknown-signer"],
      ["nothing in db", {}, signed, "unknown-signer"],
      ["in a list of shim's owner", { MokListRT: dbLeaf }, signed, "taken"],
      ["changed after it was signed", { db: dbLeaf }, tampered, "bad-signature"],
      ["not signed, its digest in db", { db: await list({ kind: "image", image: plain }) }, plain, "taken"],
      [
        "another digest in db",
        { db: await list({ kind: "image", image: plain }) },
        tinyUki({ payload: "x" }),
        "unsigned",
      ],
      ["its certificate in dbx", { db: dbAuthority, dbx: dbLeaf }, signed, "revoked-signer"],
      ["its issuer in dbx", { db: dbLeaf, dbx: dbAuthority }, signed, "revoked-signer"],
      [
        "one of two signers in dbx",
        { db: dbAuthority, dbx: await list(certificate(stranger)) },
        twice,
        "revoked-signer",
      ],
      ["its digest in dbx", { db: dbLeaf, dbx: await list({ kind: "image", image: plain }) }, signed, "revoked-image"],
      [
        "a list with everything in dbx but it",
        { db: dbAuthority, dbx: await list(certificate(stranger), { kind: "image", image: twice }) },
        signed,
        "revoked-image",
      ],
      [
        "a generation that is taken",
        { db: dbLeaf, SbatLevelRT: Buffer.from("sbat,1,2026010100\nsystemd-stub,2\n") },
        generation,
        "taken",
      ],
      [
        "a generation that is revoked",
        { db: dbLeaf, SbatLevelRT: Buffer.from("sbat,1,2026010100\nsystemd-stub,3\n") },
        generation,
        "old-sbat",
      ],
    ];
    for (const [state, variables, image, expected] of table)
      assert.equal(await judged(folder, variables, image, true), expected, state);
    for (const bits of [256, 384, 512] as const) {
      for (const key of [leaf, authority]) {
        const dbx = await room.list({ kind: "digest", key, bits, since });
        const state = `the SHA-${bits} of ${key.name} in dbx`;
        assert.equal(await judged(folder, { db: dbAuthority, dbx }, signed, true), "revoked-signer", state);
      }
    }
    // Where only db decides, sbverify knows the answer as well.
    for (const image of [plain, signed, twice, ossl, tampered, generation])
      for (const key of [authority, leaf, stranger]) {
        const verdict = await judged(folder, { db: await list(certificate(key)) }, image, true);
        assert.equal(verdict === "taken", await room.verifies(image, key), key.name);
      }
    assert.equal(
      await judged(folder, { db: dbLeaf }, tampered, false),
      "taken",
      "a quick look does not read the image",
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("Debian's systemd-boot, signed, is judged like any other program", { skip }, async () => {
  await using room = await KeyRoom.open(tools);
  const folder = await mkdtemp(join(tmpdir(), "holdfast-verdicts-"));
  try {
    const tree = await ensurePackages("trixie", ["systemd-boot-efi"], { only: "systemd-boot-efi" });
    const plain = await readFile(join(tree, "usr/lib/systemd/boot/efi/systemd-bootx64.efi"));
    const key = await room.make("vendor");
    const db = await room.list({ kind: "certificate", key });
    const signed = await room.sign(plain, key);
    assert.equal(await room.verifies(signed, key), true);
    assert.equal(await judged(folder, { db }, signed, true), "taken");
    assert.equal(await judged(folder, { db, SbatLevelRT: Buffer.from("systemd-boot,99\n") }, signed, true), "old-sbat");
    assert.equal(await judged(folder, { db }, plain, true), "unsigned");
    assert.equal(await judged(folder, { db: await room.list({ kind: "image", image: plain }) }, plain, true), "taken");
  } finally {
    await rm(folder, { recursive: true });
  }
});
