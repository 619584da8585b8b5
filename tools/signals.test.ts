import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { journalEvents } from "../src/domain/journal-events.ts";
import { signalFiles } from "./signals.ts";

const root = join(import.meta.dirname, "..");

test("the catalog and the tables of docs/signals.md say what the code says", () => {
  for (const [path, text] of signalFiles())
    assert.equal(readFileSync(join(root, path), "utf8"), text, `run: node tools/signals.ts (${path})`);
});

const hasJournalctl = spawnSync("journalctl", ["--version"]).status === 0;

test("journalctl takes the catalog, every entry of it", { skip: hasJournalctl ? false : "no journalctl" }, () => {
  const tree = mkdtempSync(join(tmpdir(), "holdfast-catalog-"));
  try {
    const folders = ["usr/lib/systemd/catalog", "var/lib/systemd/catalog"].map((path) => join(tree, path));
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    copyFileSync(join(root, "packaging/journal/holdfast.catalog"), join(folders[0] ?? "", "holdfast.catalog"));
    const made = spawnSync("journalctl", ["--update-catalog", `--root=${tree}`], { encoding: "utf8" });
    assert.deepEqual({ status: made.status, said: made.stderr }, { status: 0, said: "" });
    const { stdout } = spawnSync("journalctl", ["--dump-catalog", `--root=${tree}`], { encoding: "utf8" });
    const found = [...stdout.matchAll(/^-- ([0-9a-f]{32})\nSubject: (.*)$/gm)].map(([, id, subject]) => [id, subject]);
    const wanted = Object.values(journalEvents).map(({ messageId, subject }) => [messageId, subject]);
    assert.deepEqual(Object.fromEntries(found) as unknown, Object.fromEntries(wanted));
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
});
