// SHA256SUMS, as a server or a stick gives it.
import { deepEqual, ok } from "node:assert/strict";
import { formatChecksums, parseChecksums, staleSince } from "../../src/format/checksums.ts";
import { decoded, type Target } from "../target.ts";

const digest = "0123456789abcdef".repeat(4);

export const target: Target = {
  name: "checksums",
  covers: ["src/format/checksums.ts"],
  seeds: () => [
    `${digest}  demo_5.efi\n${digest} *images/demo_5.erofs.zst\n`,
    `${digest}  BEST-BEFORE-2026-03-01\n${digest}  demo_5.efi\n`,
    `<!doctype html>\n`,
    `${" ".repeat(10)}${digest.slice(10)}  demo_5.efi\n`,
  ],
  run(bytes) {
    const manifest = decoded(() => parseChecksums(bytes));
    if (manifest === undefined) return;
    const names = [...manifest.entries.keys()];
    ok(names.every((name) => !name.split("/").includes("..") && !name.startsWith("/")));
    if (names.length > 0) deepEqual(parseChecksums(formatChecksums(manifest.entries)).entries, manifest.entries);
    staleSince(manifest, 1_800_000_000_000);
  },
};
