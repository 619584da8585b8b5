// P12 with nothing of our own around it: keys by openssl, signatures by sbsign and osslsigncode, lists by efitools, files
// as efivarfs has them; sbverify says where a signature leads, and the verdict has to agree.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tinyPe, tinyUki } from "../../src/format/pe.fixture.ts";
import { type BootKey, KeyRoom, keyRoomTools, type ListedKey, listTools } from "../../tools/lab/secure-boot/keys.ts";
import { type SecureVariables, verdictUnder } from "../../tools/lab/secure-boot/verdict.ts";
import { readVariables } from "../../tools/lab/machine/variable-store.ts";
import { ensurePackages, ensureTools } from "../../tools/toolbox/toolbox.ts";

const tools = await ensureTools([...keyRoomTools, ...listTools, "osslsigncode"]);
const problems = tools.missing.map(({ program, why }) => `${program}: ${why}`);
const packages = new Map<string, string>();
for (const name of ["systemd-boot-efi", "shim-signed", "systemd-boot-efi-amd64-signed", "ovmf"])
  await ensurePackages("trixie", [name], { only: name }).then(
    (tree) => packages.set(name, tree),
    (error: Error) => problems.push(error.message),
  );
const skip = problems[0] ?? false;
const inPackage = (name: string, path: string): string => join(packages.get(name) ?? "", path);

test("verdicts on images signed by real programs, under lists written by real programs", { skip }, async () => {
  await using room = await KeyRoom.open(tools);
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
  const certificate = (key: BootKey): ListedKey => ({ kind: "certificate", key });
  const dbLeaf = await room.lists(certificate(leaf));
  const dbAuthority = await room.lists(certificate(authority));
  const since = "2020-01-01 00:00:00";
  const table: readonly (readonly [string, SecureVariables, Uint8Array, string])[] = [
    ["signed, its certificate in db", { db: dbLeaf }, signed, "taken"],
    ["signed, its issuer in db", { db: dbAuthority }, signed, "taken"],
    ["signed by osslsigncode", { db: dbAuthority }, ossl, "taken"],
    ["one of two signers in db", { db: dbAuthority }, twice, "taken"],
    ["not signed", { db: dbLeaf }, plain, "unsigned"],
    ["a stranger in db only", { db: await room.lists(certificate(stranger)) }, signed, "unknown-signer"],
    ["nothing in db", {}, signed, "unknown-signer"],
    ["in a list of shim's owner", { MokListRT: dbLeaf }, signed, "taken"],
    ["changed after it was signed", { db: dbLeaf }, tampered, "bad-signature"],
    ["not signed, its digest in db", { db: await room.lists({ kind: "image", image: plain }) }, plain, "taken"],
    [
      "another digest in db",
      { db: await room.lists({ kind: "image", image: plain }) },
      tinyUki({ payload: "x" }),
      "unsigned",
    ],
    ["its certificate in dbx", { db: dbAuthority, dbx: dbLeaf }, signed, "revoked-signer"],
    ["its issuer in dbx", { db: dbLeaf, dbx: dbAuthority }, signed, "revoked-signer"],
    [
      "one of two signers in dbx",
      { db: dbAuthority, dbx: await room.lists(certificate(stranger)) },
      twice,
      "revoked-signer",
    ],
    [
      "its digest in dbx",
      { db: dbLeaf, dbx: await room.lists({ kind: "image", image: plain }) },
      signed,
      "revoked-image",
    ],
    [
      "a list with everything in dbx but it",
      { db: dbAuthority, dbx: await room.lists(certificate(stranger), { kind: "image", image: twice }) },
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
    assert.equal(await verdictUnder(variables, image), expected, state);
  for (const bits of [256, 384, 512] as const) {
    for (const key of [leaf, authority]) {
      const dbx = await room.list({ kind: "digest", key, bits, since });
      const state = `the SHA-${bits} of ${key.name} in dbx`;
      assert.equal(await verdictUnder({ db: dbAuthority, dbx }, signed), "revoked-signer", state);
    }
  }
  // Where only db decides, sbverify knows the answer as well.
  for (const image of [plain, signed, twice, ossl, tampered, generation])
    for (const key of [authority, leaf, stranger]) {
      const verdict = await verdictUnder({ db: await room.lists(certificate(key)) }, image);
      assert.equal(verdict === "taken", await room.verifies(image, key), key.name);
    }
  assert.equal(
    await verdictUnder({ db: dbLeaf }, tampered, { thorough: false }),
    "taken",
    "a quick look does not read the image",
  );
});

test("Debian's systemd-boot, signed, is judged like any other program", { skip }, async () => {
  await using room = await KeyRoom.open(tools);
  const plain = await readFile(inPackage("systemd-boot-efi", "usr/lib/systemd/boot/efi/systemd-bootx64.efi"));
  const key = await room.make("vendor");
  const db = await room.list({ kind: "certificate", key });
  const signed = await room.sign(plain, key);
  assert.equal(await room.verifies(signed, key), true);
  assert.equal(await verdictUnder({ db }, signed), "taken");
  assert.equal(await verdictUnder({ db, SbatLevelRT: Buffer.from("systemd-boot,99\n") }, signed), "old-sbat");
  assert.equal(await verdictUnder({ db }, plain), "unsigned");
  assert.equal(await verdictUnder({ db: await room.list({ kind: "image", image: plain }) }, plain), "taken");
});

test("Debian's shim starts under Microsoft's keys, Debian's own systemd-boot does not without shim", {
  skip,
}, async () => {
  await using room = await KeyRoom.open(tools);
  const shim = await readFile(inPackage("shim-signed", "usr/lib/shim/shimx64.efi.signed"));
  const boot = "usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed";
  const loader = await readFile(inPackage("systemd-boot-efi-amd64-signed", boot));
  const enrolled = await readVariables(inPackage("ovmf", "usr/share/OVMF/OVMF_VARS_4M.ms.fd"));
  const value = (name: string): Uint8Array => {
    const found = enrolled.find((variable) => variable.name === name);
    assert.ok(found !== undefined, name);
    return found.data;
  };
  const [db, dbx] = [value("db"), value("dbx")];
  assert.equal(await verdictUnder({ db, dbx }, shim), "taken");
  assert.equal(await verdictUnder({ db, dbx: await room.list({ kind: "image", image: shim }) }, shim), "revoked-image");
  assert.equal(await verdictUnder({ db, dbx: db }, shim), "revoked-signer");
  assert.equal(await verdictUnder({ db, dbx }, loader), "unknown-signer");
});
