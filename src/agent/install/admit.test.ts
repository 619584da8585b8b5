import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { signatureList, signatureLists } from "../../format/efi-signature-list.fixture.ts";
import type { FirmwareVariable } from "../../port/firmware.ts";
import { simCertificateFacts } from "../../sim/code-verifier/sim-code-verifier.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { sampleMachine, type Layout, type Sample, type SampleOptions } from "../../sim/scenario/sample-machine.ts";
import { secureBoot, signedSample } from "../../sim/scenario/secure-boots.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { doctorMachine as doctor } from "../command/doctor.ts";
import { rollbackMachine } from "../command/rollback.ts";
import { statusReport } from "../command/status.ts";
import { updateMachine } from "../command/update.ts";
import type { UpdateReport } from "../../wire/reports.ts";

const trusted = ["release", "vendor"];

function sampled(layout: Layout, more: Partial<SampleOptions>): Sample {
  return sampleMachine({ seed: 1, layout, installed: ["1"], offered: ["1", "2"], ...more });
}

/** Everything on the machine, names and contents, but Holdfast's own state. */
function visible({ world }: Sample): readonly string[] {
  return world.tree.rows().flatMap((row) => (row[0].startsWith("/var") ? [] : [row.join(" ")]));
}

async function refusalOf(sample: Sample): Promise<Fault> {
  try {
    await updateMachine(sessionOn(sample.world).session);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "the update was not refused" });
}

function requested({ world }: Sample): readonly string[] {
  return world.servers.flatMap((server) => server.requests.map(({ method, path }) => `${method} ${path}`));
}

const hash = (name: string): Uint8Array => Buffer.from(simCertificateFacts(simDigest, name).tbs.sha256, "hex");
function withDbx(...lists: readonly Uint8Array[]): ReadonlyMap<FirmwareVariable, Uint8Array> {
  return new Map([...secureBoot(["vendor"]), ["dbx", signatureLists(...lists)]]);
}

test("what the firmware would not start is refused: nothing changed, the image not even asked for", async () => {
  const table: readonly (readonly [Layout, Partial<SampleOptions>, string, RegExp])[] = [
    ["files", signedSample(undefined), "os_2.efi", /it is not signed$/],
    ["files", signedSample(["stranger"]), "os_2.efi", /its signer, stranger, is not in db$/],
    ["files", signedSample(trusted, ["release"]), "os_2.efi", /its signer, release, is revoked in dbx$/],
    ["slots", signedSample(["stranger"]), "os_2.efi", /its signer, stranger, is not in db$/],
    ["conf", signedSample(undefined), "os_2.linux", /it is not signed$/],
    ["conf", signedSample(["stranger"]), "os_2.linux", /its signer, stranger, is not in db$/],
    [
      "files",
      { ...signedSample(trusted), firmware: withDbx(signatureList("x509-sha256", hash("vendor"))) },
      "os_2.efi",
      /vendor, which vouches for its signer, is revoked in dbx$/,
    ],
  ];
  for (const [layout, more, name, why] of table) {
    const sample = sampled(layout, more);
    const before = visible(sample);
    const fault = await refusalOf(sample);
    assert.deepEqual([fault.code, fault.kind], ["firmware-refuses", "refused"], fault.message);
    assert.ok(fault.message.startsWith(`Cannot install ${name}: Secure Boot is on`), fault.message);
    assert.match(fault.message, why);
    assert.deepEqual(visible(sample), before);
    assert.deepEqual(
      requested(sample).filter((one) => /^GET .*(img|initrd)/.test(one)),
      [],
      layout,
    );
  }
});

test("what was fetched for the question is kept, and the next run asks no server for it", async () => {
  const sample = sampled("files", signedSample(["stranger"]));
  await refusalOf(sample);
  const asked = (): number => requested(sample).filter((one) => one === "GET /os/os_2.efi").length;
  assert.equal(asked(), 1);
  await refusalOf(sample);
  assert.equal(asked(), 1);
});

test("a signed release is installed, fetched once, and nothing of the question is left", async () => {
  for (const layout of ["files", "slots", "conf"] as const) {
    const sample = sampled(layout, signedSample(trusted));
    const report: UpdateReport = await updateMachine(sessionOn(sample.world).session);
    assert.equal(report.outcome, "done", layout);
    assert.equal(report.bootsNext, "2", layout);
    const admit = report.steps.findIndex(({ kind }) => kind === "admit");
    assert.ok(admit !== -1 && admit < report.steps.findIndex(({ kind }) => kind === "clear" || kind === "acquire"));
    const gets = requested(sample).filter((one) => /^GET .*_2/.test(one));
    assert.deepEqual(gets, [...new Set(gets)], layout);
    assert.deepEqual(
      sample.world.tree.rows().filter(([path]) => path.includes(".holdfast-")),
      [],
      layout,
    );
    assert.equal((await statusReport(sessionOn(sample.world).session)).secureBoot, "on");
  }
});

test("with Secure Boot off, or on the tree of another machine, nobody asks", async () => {
  const off = sampled("files", { firmware: new Map([["SecureBoot", Uint8Array.of(0)]]) });
  assert.equal(
    (await updateMachine(sessionOn(off.world).session)).steps.some(({ kind }) => kind === "admit"),
    false,
  );
  assert.equal((await statusReport(sessionOn(off.world).session)).secureBoot, "off");
  const tree = sampled("files", signedSample(undefined));
  assert.equal((await updateMachine(sessionOn(tree.world, { live: false }).session)).bootsNext, "2");
});

test("lists that cannot be read refuse the update and are a finding", async () => {
  const firmware = new Map([...secureBoot(["vendor"]), ["dbx", Uint8Array.of(1, 2, 3)] as const]);
  const sample = sampled("files", { ...signedSample(trusted), firmware });
  assert.equal((await refusalOf(sample)).code, "secure-boot-unreadable");
  const { findings } = await doctor(sessionOn(sample.world).session, { deep: false, repair: false });
  assert.deepEqual(
    findings.map(({ code }) => code).filter((code) => code.includes("boot-un")),
    ["secure-boot-unreadable"],
  );
});

test("an installed entry that the firmware refuses is shown, is no way back, and is not mended by what it is", async () => {
  const sample = sampleMachine({
    seed: 1,
    layout: "files",
    installed: ["1", "2"],
    offered: ["1", "2", "3"],
    firmware: secureBoot(["vendor"]),
    signers: (version) => (version === "1" ? undefined : trusted),
  });
  const { session } = sessionOn(sample.world);
  const report = await doctor(session, { deep: true, repair: true });
  assert.deepEqual(
    report.findings.filter(({ code }) => code === "refused-by-firmware").map(({ sentence }) => sentence),
    ["Secure Boot is on, and the firmware would not start os_1.efi: it is not signed"],
  );
  assert.deepEqual(report.repaired, []);
  assert.equal(
    (await statusReport(session)).menu.find(({ version }) => version === "1")?.verdict,
    "refused-by-firmware",
  );
  const updated = await updateMachine(sessionOn(sample.world).session);
  assert.deepEqual([updated.wayBack, updated.bootsNext], ["2", "3"]);
});

test("a running version whose key was revoked meanwhile is no way back, and a signed release is taken all the same", async () => {
  const sample = sampled("files", {
    firmware: secureBoot(["vendor", "old vendor"], ["old vendor"]),
    signers: (version) => (version === "1" ? ["old vendor"] : trusted),
  });
  const report = await updateMachine(sessionOn(sample.world).session);
  assert.deepEqual([report.wayBack, report.bootsNext], [undefined, "2"]);
  assert.ok(
    report.notices.includes("There is no way back: Secure Boot lets nothing else start that is installed."),
    report.notices.join(),
  );
  assert.ok(sample.world.tree.peek("/efi/EFI/Linux/os_1.efi") !== undefined);
});

test("nobody goes back to a version that the firmware refuses, and the sentence says why", async () => {
  const sample = sampleMachine({
    seed: 1,
    layout: "files",
    installed: ["1", "2"],
    offered: ["1", "2"],
    firmware: secureBoot(["vendor"]),
    signers: (version) => (version === "1" ? undefined : trusted),
  });
  await assert.rejects(rollbackMachine(sessionOn(sample.world).session, { version: "1" }), (error: unknown) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.message, "Cannot switch to version 1: Secure Boot would not let it start: it is not signed");
    return true;
  });
});

test("what was brought in before is asked about where it lies, without the network", async () => {
  const sample = sampled("files", signedSample(trusted));
  const acquired = await updateMachine(sessionOn(sample.world).session, { acquireOnly: true });
  assert.equal(acquired.outcome, "acquired");
  const before = requested(sample).length;
  const report = await updateMachine(sessionOn(sample.world, { offline: true }).session, { version: "2" });
  assert.equal(report.bootsNext, "2");
  assert.deepEqual(
    requested(sample)
      .slice(before)
      .filter((one) => /^GET .*os_2/.test(one)),
    [],
  );
});
