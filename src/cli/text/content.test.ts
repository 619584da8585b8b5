import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleVersion } from "../sample-reports.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderContent } from "./content.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("the resources of a version is told in plain words", () => {
  const expected = [
    "  VERSION       SIZE  TRUST               STATE",
    "  24.3     812.0 MiB  proven 3 hours ago  installed, offered",
    "",
    "Resources",
    "10-root      /dev/vda2",
    "  type       partition",
    "  size       750.0 MiB",
    "  read-only  yes",
    "  UUID       4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
    "",
    "90-uki    /efi/EFI/Linux/os_24.3+3-0.efi",
    "  type    regular-file",
    "  size    62.0 MiB",
    "  sha256  abababababababababababababababababababababababababababababababab",
    "  tries   3 tries left",
    "",
    "Notes",
    "  https://os.example/notes/24.3",
    "",
  ];
  assert.deepEqual(
    renderContent(
      {
        version: sampleVersion("24.3"),
        changeLog: ["https://os.example/notes/24.3"],
        contents: [
          {
            transfer: "10-root",
            type: "partition",
            path: "/dev/vda2",
            partitionUuid: "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
            sizeBytes: 786_432_000,
            readOnly: true,
          },
          {
            transfer: "90-uki",
            type: "regular-file",
            path: "/efi/EFI/Linux/os_24.3+3-0.efi",
            sizeBytes: 65_011_712,
            triesLeft: 3,
            triesDone: 0,
            sha256: "ab".repeat(32),
          },
        ],
      },
      look,
    ).split("\n"),
    expected,
  );
});
