import assert from "node:assert/strict";
import { test } from "node:test";
import { predict } from "../../domain/loader.ts";
import { sampleEntry } from "../../domain/sample-entry.ts";
import type { LoaderVariable } from "../../port/loader-variables.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { findBootFolders } from "./boot-folders.ts";
import { readLoaderState } from "./loader-state.ts";
import type { LoaderState } from "../../domain/loader.ts";

const entries = [sampleEntry("os_1.efi"), sampleEntry("os_2.efi")];

async function read(
  conf: string | Uint8Array | undefined,
  variables: Partial<Record<LoaderVariable, string>> = {},
): Promise<LoaderState> {
  const world = bareWorld(conf === undefined ? {} : { "/efi/loader/loader.conf": conf });
  for (const [name, value] of Object.entries(variables)) world.variables.set(name as LoaderVariable, value);
  const { session } = sessionOn(world);
  return readLoaderState(session, await findBootFolders(session), entries);
}

test("loader.conf and variables together decide", async () => {
  const state = await read("timeout 3\ndefault os_1.efi\npreferred os_2.efi\nreboot-on-error no\n", {
    LoaderInfo: "systemd-boot 260.1-1",
    LoaderEntryDefault: "d.efi",
    LoaderEntryPreferred: "p.efi",
    LoaderEntryOneShot: "o.efi",
    LoaderEntrySysFail: "s.efi",
    LoaderEntryLastBooted: "l.efi",
  });
  assert.deepEqual(state, {
    entries,
    config: { default: "os_1.efi", preferred: "os_2.efi", timeout: "3", rebootOnError: "no" },
    choices: { default: "d.efi", preferred: "p.efi", oneShot: "o.efi", sysFail: "s.efi", lastBooted: "l.efi" },
    otherLoader: undefined,
    supportsPreferred: true,
    idsWithCounter: false,
  });
});

test("what a loader can do follows from its version; one that does not say is taken for a recent one", async () => {
  const table: readonly (readonly [string | undefined, boolean, boolean, string])[] = [
    [undefined, true, false, "auto"],
    ["systemd-boot 260~rc1", false, false, "auto"],
    ["systemd-boot 260", true, false, "auto"],
    ["systemd-boot 258", false, false, "auto"],
    ["systemd-boot 257.13-1~deb13u1", false, false, "no"],
    ["systemd-boot 257.7-1", false, true, "no"],
    ["rEFInd 0.14", true, false, "auto"],
  ];
  for (const [info, ...expected] of table) {
    const state = await read(undefined, info === undefined ? {} : { LoaderInfo: info });
    assert.deepEqual([state.supportsPreferred, state.idsWithCounter, state.config.rebootOnError], expected);
  }
});

test("whether it takes counters for a part of names shows where it counted this boot", async () => {
  for (const [LoaderInfo, LoaderEntrySelected, keeps] of [
    ["systemd-boot 257.13", "os_2+3-0.efi", true],
    ["systemd-boot 257.7", "os_2.efi", false],
  ] as const) {
    const counted = { LoaderInfo, LoaderEntrySelected, LoaderBootCountPath: "\\EFI\\Linux\\os_2+2-1.efi" };
    assert.equal((await read(undefined, counted)).idsWithCounter, keeps);
  }
});

test("reboot-on-error is nothing to a loader before 258", async () => {
  const conf = "reboot-on-error yes\n";
  assert.equal((await read(conf, { LoaderInfo: "systemd-boot 257.13" })).config.rebootOnError, "no");
  assert.equal((await read(conf, { LoaderInfo: "systemd-boot 258" })).config.rebootOnError, "yes");
});

test("a loader.conf that is absent, empty, garbage or far too large is none", async () => {
  for (const conf of [undefined, "", Uint8Array.of(0xff, 0xfe, 0x00), new Uint8Array(300_000)]) {
    const { config } = await read(conf);
    assert.deepEqual([config.default, config.preferred, config.timeout], [undefined, undefined, undefined]);
  }
});

test("@saved is what was booted last, so that a new entry is not taken for the next one", async () => {
  const state = await read("default @saved\n", { LoaderEntryLastBooted: "os_1.efi" });
  assert.equal(predict(state).next?.fileName, "os_1.efi");
});
