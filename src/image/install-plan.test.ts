import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { installScript, MiB, planInstall, type PlanRequest, tableBytes } from "./install-plan.ts";

const request: PlanRequest = {
  disk: "/dev/sdb",
  diskBytes: 2048 * MiB,
  name: "os",
  version: "2",
  layout: "kde",
  architecture: "x86-64",
  sizes: { entryBytes: 30 * MiB, usrBytes: 150 * MiB, verityBytes: 0, treeBytes: 2 * MiB },
};
const ab: PlanRequest = {
  ...request,
  layout: "ab",
  sizes: { ...request.sizes, verityBytes: 2 * MiB },
  usrHash: "0123456789abcdef".repeat(4),
};

const lines = (asked: PlanRequest): readonly string[] =>
  planInstall(asked).parts.map(
    ({ number, label, offsetBytes, sizeBytes, content }) =>
      `${number} ${label} ${offsetBytes / MiB}+${sizeBytes / MiB} ${content}`,
  );

test("images as files need an ESP and one partition that takes the rest", () => {
  assert.deepEqual(lines(request), ["1 esp 1+128 esp", "2 holdfast-system 129+1918 system"]);
});

test("slots stand in pairs, the first of them full, before the partition that can grow", () => {
  assert.deepEqual(lines(ab), [
    "1 esp 1+128 esp",
    "2 os_2 129+256 usr",
    "3 os_2_verity 385+3 verity",
    "4 _empty 388+256 nothing",
    "5 _empty 644+3 nothing",
    "6 holdfast-system 647+1400 system",
  ]);
});

test("sizes that were asked for are given, and refused where they are too small", () => {
  assert.deepEqual(lines({ ...ab, espBytes: 200 * MiB, slotBytes: 300 * MiB }).slice(0, 3), [
    "1 esp 1+200 esp",
    "2 os_2 201+300 usr",
    "3 os_2_verity 501+3 verity",
  ]);
  assert.throws(() => planInstall({ ...request, espBytes: 20 * MiB }), {
    code: "esp-too-small",
    message: "Cannot make an ESP of 20 MiB: three boot entries of 30 MiB need 98 MiB",
  });
  assert.throws(() => planInstall({ ...ab, slotBytes: 100 * MiB }), {
    code: "slot-too-small",
    message: "Cannot make slots of 100 MiB: the image has 150 MiB",
  });
});

test("a disk that is too small hears how much is missing, and that much more is enough", () => {
  const small = { ...request, diskBytes: 300 * MiB };
  assert.throws(() => planInstall(small), {
    code: "disk-too-small",
    message: "Cannot install os 2 on /dev/sdb: it has 300 MiB, and 499 MiB are needed (199 MiB more)",
  });
  assert.deepEqual(lines({ ...request, diskBytes: 499 * MiB }), ["1 esp 1+98 esp", "2 holdfast-system 99+399 system"]);
});

test("the script is the whole table, with the halves of the hash as UUIDs of the first pair", () => {
  assert.equal(
    installScript(planInstall(ab)),
    `label: gpt

start=1MiB, size=128MiB, type=c12a7328-f81f-11d2-ba4b-00a0c93ec93b, name="esp"
start=129MiB, size=256MiB, type=8484680c-9521-48c6-9c11-b0720656f69e, uuid=01234567-89ab-cdef-0123-456789abcdef, name="os_2"
start=385MiB, size=3MiB, type=77ff5f63-e7b6-4633-acf4-1565b864c0e6, uuid=01234567-89ab-cdef-0123-456789abcdef, name="os_2_verity"
start=388MiB, size=256MiB, type=8484680c-9521-48c6-9c11-b0720656f69e, name="_empty"
start=644MiB, size=3MiB, type=77ff5f63-e7b6-4633-acf4-1565b864c0e6, name="_empty"
start=647MiB, size=1400MiB, type=0fc63daf-8483-4772-8e79-3d69d8477de4, name="holdfast-system"
`,
  );
});

test("an architecture without partition types cannot have slots", () => {
  assert.throws(() => planInstall({ ...ab, architecture: "machine-0x1234" }), { code: "no-partition-type" });
});

test("whatever the sizes, partitions follow one another between the two copies of the table, or the disk is too small", () => {
  const size = fc.integer({ min: 0, max: 4096 * MiB });
  fc.assert(
    fc.property(
      size,
      size,
      size,
      size,
      fc.constantFrom("kde", "ab"),
      (diskBytes, entryBytes, usrBytes, treeBytes, layout) => {
        let plan;
        try {
          plan = planInstall({ ...ab, layout, diskBytes, sizes: { entryBytes, usrBytes, verityBytes: 0, treeBytes } });
        } catch (error) {
          assert.ok(error instanceof Fault && error.code === "disk-too-small");
          return;
        }
        let end = tableBytes;
        for (const part of plan.parts) {
          assert.equal(part.offsetBytes, end);
          assert.ok(part.sizeBytes > 0 && part.sizeBytes % MiB === 0);
          end += part.sizeBytes;
        }
        assert.ok(end + tableBytes <= diskBytes);
      },
    ),
  );
});
