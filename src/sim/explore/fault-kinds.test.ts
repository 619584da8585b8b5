import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import type { PlannedFault } from "../fault-plan.ts";
import { lacks } from "../check/truth.ts";
import { update } from "../scenario/commands.ts";
import { buildNamed, entryPath, type Sample, type SampleOptions, sampleMachine } from "../scenario/sample-machine.ts";
import { faultsFor } from "./fault-kinds.ts";

type Call = readonly [port: string, name: string, subject: string, passed?: number];

const image = "http://updates.example/os/os_2.img";
const list = "http://updates.example/os/SHA256SUMS";

/**
 * A call of an update to version 2, and what it ends with for each kind of fault there, in the order of the kinds. `done`:
 * it asked or read once more. `unnoticed`: it does what it does without a fault, which is right where nothing was harmed,
 * as by a server without ranges, or a byte that was not among those that were sent.
 */
const table: readonly (readonly [call: Call, ends: string, more?: Partial<SampleOptions>])[] = [
  [["disk", "sync", "/images/.holdfast-*"], "flush-failed flush-failed flush-failed flush-failed read-back-differs"],
  [
    ["disk", "sync", "/efi/EFI/Linux/.holdfast-*"],
    "flush-failed flush-failed flush-failed flush-failed read-back-differs",
  ],
  [["disk", "sync", entryPath("os_2+3-0.efi")], "io-error io-error io-error no-space unnoticed"],
  [["disk", "write", "/images/.holdfast-*"], "no-space io-error read-only read-only"],
  [["disk", "rename", "/efi/EFI/Linux/.holdfast-*"], "no-space io-error read-only read-only"],
  [["disk", "syncFolder", "/efi/EFI/Linux"], "io-error read-only"],
  [["disk", "read", "/images/os_2.img"], "io-error read-back-differs done"],
  [["disk", "read", "/images/.holdfast-*", 1], "io-error misread done", { compression: "zst" }],
  [["disk", "open", "/usr/lib/systemd/import-pubring.pgp"], "io-error no-permission"],
  [["disk", "list", "/images"], "io-error no-permission"],
  [
    ["http", "request", list],
    "done done done done no-manifest done unnoticed done done unnoticed done done unnoticed unnoticed manifest-is-html",
  ],
  [
    ["http", "request", image, 1],
    "done done done done not-on-server done done done digest-mismatch digest-mismatch done done unnoticed unnoticed digest-mismatch",
  ],
  [
    ["volumes", "sync", "/dev/simdisk#2"],
    "flush-failed flush-failed flush-failed flush-failed read-back-differs",
    { layout: "slots" },
  ],
  [["volumes", "read", "/dev/simdisk#2", 2], "io-error read-back-differs done", { layout: "slots" }],
  [["volumes", "changeTable", "/dev/simdisk"], "io-error tool-missing tool-failed", { layout: "slots" }],
  [["loader", "read", "LoaderEntrySelected"], "io-error"],
];

const changing = new Set(["sync", "write", "rename", "syncFolder", "changeTable"]);

async function endOf(sample: Sample, faults: readonly PlannedFault[]): Promise<string> {
  const { machine, gate } = sample.world.run(faults);
  try {
    await update(machine);
    return `done in ${gate.calls} calls`;
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}

for (const [call, ends, more] of table) {
  const [port, name, subject, after = 0] = call;
  test(`${port} ${name} ${subject}`, async () => {
    const options = { seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"], ...more } as const;
    const undisturbed = await endOf(sampleMachine(options), []);
    const kinds = faultsFor({ number: 0, port, name, subject, changes: changing.has(name) });
    const found: string[] = [];
    for (const { call: _, ...kind } of kinds) {
      const sample = sampleMachine(options);
      const end = await endOf(sample, [{ ...kind, port, name, subject, after }]);
      found.push(end === undisturbed ? "unnoticed" : end.replace(/ in .*/, ""));
      const visible = sample.world.tree.peek(entryPath("os_2+3-0.efi")) !== undefined;
      if (!end.startsWith("done")) assert.ok(!visible, `${JSON.stringify(kind)}: it failed, and its entry is there`);
      sample.world.tree.volumes().forEach((volume) => volume.setReadOnly(false));
      await update(sample.world.run().machine);
      assert.deepEqual(lacks(sample.world, buildNamed(sample, "2")), [], JSON.stringify(kind));
    }
    assert.equal(found.join(" "), ends);
  });
}

test("each kind is noticed at one call at least, but for two that do no harm to a download from its beginning", () => {
  const noticed = new Map<string, boolean>();
  for (const [[port, name, subject], ends] of table) {
    for (const [index, { call: _, ...kind }] of faultsFor({
      number: 0,
      port,
      name,
      subject,
      changes: changing.has(name),
    }).entries()) {
      const key = JSON.stringify(kind);
      noticed.set(key, noticed.get(key) === true || ends.split(" ")[index] !== "unnoticed");
    }
  }
  const unnoticed = [...noticed].filter(([, was]) => !was).map(([kind]) => kind);
  assert.equal(unnoticed.length, 2, unnoticed.join());
  assert.match(unnoticed.join(), /no-ranges.*new-etag/);
});
