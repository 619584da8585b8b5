// The loader model against the real bootctl: made-up ESPs must come out in the same order (P5).
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SeededRandom } from "../../src/base/random.ts";
import type { BootEntry } from "../../src/domain/boot-graph.ts";
import { sortMenu } from "../../src/domain/loader.ts";
import { sampleEntry } from "../../src/domain/sample-entry.ts";

const sectionFlags = 0x40000040;

/** The smallest PE file that bootctl takes for a UKI: `.osrel` and `.linux`. */
function tinyUki(osRelease: string): Buffer {
  const sections = [
    { name: ".osrel", content: Buffer.from(osRelease) },
    { name: ".linux", content: Buffer.from("not a kernel") },
  ];
  const file = Buffer.alloc(1024 + 512 * sections.length);
  file.write("MZ", 0);
  file.writeUInt32LE(64, 60);
  file.write("PE\0\0", 64);
  file.writeUInt16LE(0x8664, 68);
  file.writeUInt16LE(sections.length, 70);
  file.writeUInt16LE(240, 84); // size of the optional header
  file.writeUInt16LE(0x022e, 86);
  file.writeUInt16LE(0x020b, 88); // PE32+
  file.writeUInt32LE(4096, 120); // section alignment
  file.writeUInt32LE(512, 124); // file alignment
  file.writeUInt32LE(4096 * (sections.length + 1), 144); // size of the image
  file.writeUInt32LE(1024, 148); // size of the headers
  file.writeUInt16LE(10, 156); // EFI application
  file.writeUInt32LE(16, 196); // data directories
  for (const [index, { name, content }] of sections.entries()) {
    const at = 328 + 40 * index;
    const offset = 1024 + 512 * index;
    file.write(name, at);
    file.writeUInt32LE(content.length, at + 8);
    file.writeUInt32LE(4096 * (index + 1), at + 12);
    file.writeUInt32LE(512, at + 16);
    file.writeUInt32LE(offset, at + 20);
    file.writeUInt32LE(sectionFlags, at + 36);
    content.copy(file, offset);
  }
  return file;
}

/** Names in lower case: bootctl compares ids as they are written, the loader folds their case first. */
function makeEntry(random: SeededRandom, type: 1 | 2): BootEntry {
  const stem = `${random.pick(["os", "kde"])}${random.pick(["_", "-"])}${random.pick(["1", "2", "2.1", "10", "2-1", "2a"])}`;
  const counter = random.pick(["", "", "+3-0", "+1-2", "+0-3", "+0-1", "+2"]);
  const hasKey = type === 2 || random.chance(0.5);
  return sampleEntry(`${stem}${counter}${type === 1 ? ".conf" : ".efi"}`, {
    sortKey: hasKey ? random.pick(["os", "kde", "Os"]) : undefined,
    version: hasKey ? random.pick(["1", "2", "2.1", "2~rc1", "2^1"]) : undefined,
    machineId: type === 1 && hasKey && random.chance(0.3) ? random.pick(["a".repeat(32), "b".repeat(32)]) : undefined,
  });
}

function writeEntry(esp: string, { type, fileName, sortKey, version, machineId }: BootEntry): void {
  if (type === 2) {
    writeFileSync(
      join(esp, "EFI/Linux", fileName),
      tinyUki(`ID=${sortKey}\nVERSION_ID=${version}\nPRETTY_NAME=${fileName}\n`),
    );
    return;
  }
  const lines = [`title ${fileName}`, "linux /kernel", "options quiet"];
  if (sortKey !== undefined) lines.push(`sort-key ${sortKey}`);
  if (version !== undefined) lines.push(`version ${version}`);
  if (machineId !== undefined) lines.push(`machine-id ${machineId}`);
  writeFileSync(join(esp, "loader/entries", fileName), `${lines.join("\n")}\n`);
}

function bootctlOrder(esp: string): readonly string[] {
  const env = { ...process.env, SYSTEMD_RELAX_ESP_CHECKS: "1" };
  const args = ["list", "--json=short", "--no-pager", `--esp-path=${esp}`];
  const ran = spawnSync("bootctl", args, { encoding: "utf8", env });
  assert.equal(ran.status, 0, ran.stderr);
  return (JSON.parse(ran.stdout) as readonly { readonly path: string }[]).map(({ path }) =>
    path.slice(path.lastIndexOf("/") + 1),
  );
}

const version = Number(
  /^systemd (\d+)/.exec(spawnSync("bootctl", ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1] ?? 0,
);
const skip =
  version >= 258 ? false : "bootctl of systemd 258 or later is not on this machine (tools/toolbox fetches it)";

test("bootctl lists made-up ESPs in the order of the loader model", { skip }, () => {
  const random = new SeededRandom(20260308);
  for (let round = 0; round < 40; round++) {
    const esp = mkdtempSync(join(tmpdir(), "holdfast-bootctl-"));
    try {
      for (const folder of ["EFI/Linux", "loader/entries"]) mkdirSync(join(esp, folder), { recursive: true });
      writeFileSync(join(esp, "kernel"), "");
      const made = Array.from({ length: 7 }, () => makeEntry(random, random.chance(0.5) ? 1 : 2));
      // One entry an id: which of two names of one entry comes first is told by what the folder lists first.
      const entries = [...new Map(made.map((entry) => [entry.id.toLowerCase(), entry])).values()];
      for (const entry of entries) writeEntry(esp, entry);
      assert.deepEqual(
        bootctlOrder(esp),
        sortMenu(entries).map(({ fileName }) => fileName),
        JSON.stringify(
          entries.map(({ fileName, sortKey, version, machineId }) => [fileName, sortKey, version, machineId]),
        ),
      );
    } finally {
      rmSync(esp, { recursive: true, force: true });
    }
  }
});
