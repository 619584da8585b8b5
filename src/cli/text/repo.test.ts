import assert from "node:assert/strict";
import { test } from "node:test";
import type { RepoVerifyReport } from "../../wire/repository-reports.ts";
import type { Look } from "../look.ts";
import { renderAdd, renderCommit, renderInit, renderPrune, renderWithdraw } from "./repo.ts";
import { renderDiff } from "./repo-diff.ts";
import { renderRequest } from "./repo-serve.ts";
import { renderVerify } from "./repo-verify.ts";

const look: Look = { colour: false, columns: 80, nowMs: 0 };
const folder = "/srv/os";
const sha256 = "ab".repeat(32);
const expires = "2027-02-20T00:00:00Z";

test("init tells whose key it is", () => {
  assert.equal(
    renderInit({ folder, serial: 1, expires, keys: 1, fingerprint: "ABCD" }, look),
    "Made a repository in /srv/os.\nIt is signed by the key ABCD, and good until 2027-02-20. Nothing is published in\nit yet.\n",
  );
});

test("add lists files, packs and deltas, and what it could not look into", () => {
  const resources = [{ name: "os_2.erofs", sizeBytes: 2 ** 20, sha256, role: "image", chunks: 12 } as const];
  const report = { folder, version: "2", already: false, resources, packs: [], notices: ["Who knows."] };
  const deltas = [{ name: "deltas/d", sizeBytes: 1024, sha256, resource: "os_2.erofs", from: "1" }];
  assert.equal(
    renderAdd({ ...report, deltas }, look),
    "Staged 2: no client sees it yet.\n" +
      "  FILE        WHAT      SIZE\n" +
      "  os_2.erofs  image  1.0 MiB  12 chunks\n" +
      "  deltas/d    delta  1.0 KiB  from 1\n" +
      "Who knows.\nPublish it with `holdfast repo commit /srv/os`.\n",
  );
  assert.match(renderAdd({ ...report, deltas: [], already: true }, look), /^2 is staged already\.\n/);
});

test("commit says what is published, or signed anew, and what it finished", () => {
  const report = { folder, serial: 3, created: expires, expires };
  assert.equal(
    renderCommit({ ...report, versions: ["1", "2"], finished: false }, look),
    "Published 1, 2 in /srv/os.\nIndex 3, good until 2027-02-20.\n",
  );
  assert.equal(
    renderCommit({ ...report, versions: [], finished: true }, look),
    "Signed the index of /srv/os anew.\nIndex 3, good until 2027-02-20. What an interrupted run had left is finished.\n",
  );
});

test("withdraw and prune say what is left", () => {
  const withdrawn = { folder, version: "2", was: "offered", serial: 4, newest: undefined } as const;
  assert.match(renderWithdraw(withdrawn, look), /^Withdrawn: .*\nIndex 4\. Nothing is offered now\. /);
  assert.match(renderWithdraw({ ...withdrawn, was: "staged" }, look), /^Dropped 2: it was staged/);
  const nothing = { files: 0, bytes: 0 };
  const pruned = {
    folder,
    kept: ["2"],
    dropped: [],
    serial: 4,
    removed: nothing,
    waiting: { ...nothing, untilMs: undefined },
  };
  assert.equal(renderPrune(pruned, look), "There is nothing to remove.\nKept: 2.\n");
  assert.equal(
    renderPrune(
      { ...pruned, dropped: ["1"], removed: { files: 1, bytes: 5 }, waiting: { files: 1, bytes: 7, untilMs: 0 } },
      look,
    ),
    "Not offered any more: 1.\nRemoved 1 file, 5 B.\n1 file that nothing names, 7 B, stays for clients that began earlier, until\n1970-01-01 00:00 UTC.\nKept: 2.\n",
  );
});

test("verify shows what is damaged, and no more than fits a screen", () => {
  const report: RepoVerifyReport = {
    folder,
    serial: 2,
    expires,
    releases: 1,
    checkedFiles: 3,
    checkedBytes: 100,
    samplePercent: 100,
    findings: [],
  };
  assert.equal(
    renderVerify(report, look),
    "Intact: /srv/os.\nIndex 2, good until 2027-02-20; 1 release, 3 files, 100 B read.\n",
  );
  const finding = { severity: "damaged", file: "a", sentence: "a is missing.", remedy: "Restore it." } as const;
  const many = renderVerify({ ...report, findings: Array.from({ length: 40 }, () => finding) }, look);
  assert.match(many, /^Damaged: .*\n.*\n✗ a is missing\.\n {2}Restore it\.\n/);
  assert.match(many, /\nand 10 more; --json has them all\.\n$/);
  assert.match(
    renderVerify({ ...report, findings: [{ ...finding, severity: "warning" }] }, look),
    /^Intact: .*, but it needs a look\.\n/,
  );
});

test("diff shows each way, and of unknown ones a dash", () => {
  const text = renderDiff(
    {
      folder,
      from: "1",
      to: "2",
      resources: [
        {
          name: "os_2.efi",
          fromName: "os_1.efi",
          wholeBytes: 2048,
          chunks: undefined,
          delta: { bytes: 1024, requests: 2, published: false },
          unreproducedBytes: 0,
        },
      ],
      bestBytes: 1024,
      files: [{ path: "", targetBytes: 20, deltaBytes: 10 }],
      advice: ["Do better."],
    },
    look,
  );
  assert.equal(
    text,
    "From 1 to 2: 1.0 KiB of 2.0 KiB, 50%.\n" +
      "  FILE        WHOLE  CHUNKS    DELTA\n" +
      "  os_2.efi  2.0 KiB       -  1.0 KiB  no such delta is published\n" +
      "\nWhat costs most\n  10 B  of 20 B  (names, modes and places of all files)\n" +
      "\nAdvice\n  Do better.\n",
  );
});

test("a request is a line, whatever was asked for", () => {
  const served = {
    from: "::1",
    method: "GET",
    path: "/a\u001b[2J",
    range: "bytes=0-1",
    status: 206,
    bytes: 2,
    milliseconds: 1.4,
  };
  assert.equal(renderRequest(served), "::1 GET /a?[2J bytes=0-1 206 2 1ms");
});

test("diff says of less than a hundredth that it is less", () => {
  const first = (bestBytes: number, wholeBytes: number): string => {
    const resource = { name: "os_2.erofs", fromName: "os_1.erofs", wholeBytes, chunks: undefined, delta: undefined };
    const report = { folder, from: "1", to: "2", resources: [{ ...resource, unreproducedBytes: 0 }] };
    return renderDiff({ ...report, bestBytes, files: [], advice: [] }, look).split("\n")[0] ?? "";
  };
  assert.equal(first(393, 35_500_000), "From 1 to 2: 393 B of 33.9 MiB, less than 1%.");
  assert.equal(first(10, 1000), "From 1 to 2: 10 B of 1000 B, 1%.");
  assert.equal(first(0, 1000), "From 1 to 2: 0 B of 1000 B, 0%.");
});
