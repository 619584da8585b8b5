import assert from "node:assert/strict";
import { test } from "node:test";
import { toBytes } from "../../base/text.ts";
import { signatureList, signatureLists } from "../../format/efi-signature-list.fixture.ts";
import { tinyPe, tinyUki } from "../../format/pe.fixture.ts";
import type { FirmwareVariable } from "../../port/firmware.ts";
import { simCertificate } from "../../sim/code-verifier/sim-code-verifier.ts";
import { simSigned } from "../../sim/code-verifier/sim-signed-image.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { judgeBootImage, readSecureBoot } from "./secure-boot.ts";

const on = Uint8Array.of(1);
const off = Uint8Array.of(0);
const db = signatureList("x509", simCertificate("vendor"));

type Variables = readonly (readonly [FirmwareVariable, Uint8Array])[];

async function verdictOn(image: Uint8Array, thorough: boolean, ...more: Variables): Promise<string> {
  const world = bareWorld({ "/x.efi": image }, { firmware: new Map([["SecureBoot", on], ["db", db], ...more]) });
  const { session } = sessionOn(world);
  const secureBoot = await readSecureBoot(session);
  assert.ok(secureBoot.kind === "on");
  await using file = await session.machine.disk.open("/x.efi", "read");
  const verdict = await judgeBootImage(session, secureBoot.policy, file, { thorough });
  return verdict.kind === "taken" ? "taken" : verdict.why;
}

test("whether Secure Boot is on is told by firmware and shim together", async () => {
  const table: readonly (readonly [string, Variables | undefined, string])[] = [
    ["no firmware", undefined, "absent"],
    ["no such variable", [], "off switched-off"],
    ["switched off", [["SecureBoot", off]], "off switched-off"],
    [
      "waiting for keys",
      [
        ["SecureBoot", off],
        ["SetupMode", on],
      ],
      "off setup-mode",
    ],
    [
      "shim checks nothing",
      [
        ["SecureBoot", on],
        ["MokSBStateRT", on],
      ],
      "off shim-insecure",
    ],
    ["on", [["SecureBoot", on]], "on 0 0 0"],
    [
      "on, with shim",
      [
        ["SecureBoot", on],
        ["db", db],
        ["MokListRT", db],
        ["dbx", db],
        ["MokListXRT", db],
        ["SbatLevelRT", toBytes("sbat,1,2026010100\nshim,4\n")],
      ],
      "on 2 2 2",
    ],
    [
      "lists that cannot be read",
      [
        ["SecureBoot", on],
        ["db", Uint8Array.of(1)],
      ],
      "unreadable",
    ],
  ];
  for (const [what, variables, expected] of table) {
    const world = bareWorld({}, variables === undefined ? {} : { firmware: new Map(variables) });
    const state = await readSecureBoot(sessionOn(world).session);
    const more =
      state.kind === "on"
        ? ` ${state.policy.allowed.length} ${state.policy.forbidden.length} ${state.policy.sbatLevel.length}`
        : state.kind === "off"
          ? ` ${state.why}`
          : "";
    assert.equal(`${state.kind}${more}`, expected, what);
  }
});

test("one reading that fails is taken once more", async () => {
  const world = bareWorld({}, { firmware: new Map([["SecureBoot", on]]) });
  const fault = { port: "firmware", subject: "dbx", code: "io-error" };
  assert.equal((await readSecureBoot(sessionOn(world, {}, [fault]).session)).kind, "on");
  assert.equal((await readSecureBoot(sessionOn(world, {}, [{ ...fault, times: 2 }]).session)).kind, "unreadable");
});

test("a quick look reads no more than it has to; only a thorough one sees that the bytes are others", async () => {
  const signed = simSigned(simDigest, tinyUki(), ["vendor"]);
  const changed = signed.map((byte, index) => (index === 1500 ? byte ^ 1 : byte));
  assert.equal(await verdictOn(signed, true), "taken");
  assert.equal(await verdictOn(changed, false), "taken");
  assert.equal(await verdictOn(changed, true), "its signature is for other bytes");
  const digests = signatureLists(db, signatureList("sha256", new Uint8Array(32)));
  assert.equal(await verdictOn(tinyUki(), false, ["db", digests]), "it is not signed");
});

test("SBAT that cannot be read counts only where shim reads it; what is no program is refused", async () => {
  const image = simSigned(
    simDigest,
    tinyPe([
      [".osrel", "ID=x\n"],
      [".sbat", "nonsense"],
    ]),
    ["vendor"],
  );
  assert.equal(await verdictOn(image, true), "taken");
  assert.equal(
    await verdictOn(image, true, ["SbatLevelRT", toBytes("sbat,1\n")]),
    "its generations (SBAT) cannot be read",
  );
  assert.equal(await verdictOn(toBytes("no program"), true), "it is no whole EFI program");
});
