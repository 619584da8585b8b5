import assert from "node:assert/strict";
import { test } from "node:test";
import { joinParts, panicLine, startedEntry } from "./panic-report.ts";

test("the line of a crash report that says why", () => {
  assert.equal(
    panicLine("<4>[ 1.2] a\n<0>[ 1.3] Kernel panic - not syncing: Attempted to kill init!\n<4>b"),
    "Kernel panic - not syncing: Attempted to kill init!",
  );
  assert.equal(panicLine("Oops#1 Part1\n"), "Oops#1 Part1");
  assert.equal(panicLine("all is well"), undefined);
});

test("the entry whose start a crash report tells of", () => {
  const log = "<13>[ 3.1] holdfast: this is the start of os_2.efi\n<0>[ 4.0] Kernel panic - not syncing";
  assert.equal(startedEntry(log), "os_2.efi");
  assert.equal(startedEntry("<0>[ 4.0] Kernel panic - not syncing"), undefined);
  assert.equal(startedEntry("holdfast: this is the start of ../x"), undefined);
});

test("parts of one crash report are one, wherever they are kept", () => {
  const parts = [
    "/sys/fs/pstore/dmesg-efi_pstore-170000000101001",
    "/sys/fs/pstore/dmesg-efi_pstore-170000000102001",
    "/sys/fs/pstore/dmesg-efi_pstore-170000000201001",
    "/sys/fs/pstore/dmesg-ramoops-0",
    "/sys/fs/pstore/dmesg-ramoops-1",
    "/var/lib/systemd/pstore/1700000003/001/dmesg.txt",
    "/var/lib/systemd/pstore/1700000003/001/dmesg-efi_pstore-170000000301001",
    "/var/lib/systemd/pstore/dmesg-erst-7",
  ].map((name, at) => ({ name, text: String(at) }));
  assert.deepEqual(
    joinParts(parts).map(({ text }) => text),
    ["0\n1", "2", "3", "4", "5\n6", "7"],
  );
});
