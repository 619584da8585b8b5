import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../look.ts";
import { sampleVersion } from "../sample-reports.ts";
import { sampleNowMs } from "../sample-world.ts";
import { renderList } from "./list.ts";

const look: Look = { colour: false, columns: 80, nowMs: sampleNowMs };

test("versions in every state is told in plain words", () => {
  const expected = [
    "  VERSION       SIZE  TRUST               MARKS            STATE",
    "  25       812.0 MiB                      newest           offered",
    "  24.9                                                     not offered: no",
    "                                                           os_24.9.efi",
    "  24.3     812.0 MiB  proven 3 hours ago  running, pinned  installed; offered",
    "                                                           again with other",
    "                                                           content",
    "  24.2     812.0 MiB  proven 3 hours ago  way back         passed over: the",
    "                                                           health check",
    "                                                           display.service",
    "                                                           failed",
    "  24.1     812.0 MiB  unproven            protected        incomplete",
    "  23       812.0 MiB                                       offered, obsolete",
    "",
  ];
  assert.deepEqual(
    renderList(
      {
        sourceProblem: undefined,
        versions: [
          sampleVersion("25", { installed: false, complete: false, newest: true, trust: undefined }),
          sampleVersion("24.9", {
            installed: false,
            complete: false,
            available: false,
            trust: undefined,
            sourceLacks: ["no os_24.9.efi"],
            sizeBytes: 0,
          }),
          sampleVersion("24.3", { running: true, pinned: true, republished: true }),
          sampleVersion("24.2", { quarantine: "the health check display.service failed", wayBack: true }),
          sampleVersion("24.1", { complete: false, trust: "unproven", protected: true, verifiedAtMs: undefined }),
          sampleVersion("23", { installed: false, complete: false, obsolete: true, trust: undefined }),
        ],
      },
      look,
    ).split("\n"),
    expected,
  );
});

test("a source that does not answer is told in plain words", () => {
  const expected = ["  There is no version.", "", "The source was not asked: the server does not answer", ""];
  assert.deepEqual(
    renderList({ sourceProblem: "the server does not answer", versions: [] }, look).split("\n"),
    expected,
  );
});
