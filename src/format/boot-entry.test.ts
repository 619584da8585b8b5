import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { type BootEntryFile, bootEntryKind, formatBootEntry, parseBootEntry } from "./boot-entry.ts";
import { parseLoaderConf } from "./loader-conf.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a type 1 entry is read with every key, repeated ones too", () => {
  const entry = parseBootEntry(
    bytes(`# comment
title   Demo 5
version 5
machine-id\tabc
sort-key demo
linux \\demo\\5\\linux
initrd /demo/5/initrd
initrd demo/extra
options root=LABEL=x  quiet
options debug
devicetree /dtb
devicetree-overlay /a.dtbo /b.dtbo
architecture x64
profile 2
extra /demo/5.addon.efi
unknown 1
options
title "Quoted"
`),
  );
  assert.deepEqual(entry, {
    title: "Quoted",
    version: "5",
    machineId: "abc",
    sortKey: "demo",
    linux: "/demo/5/linux",
    initrd: ["/demo/5/initrd", "/demo/extra"],
    options: "root=LABEL=x  quiet debug",
    devicetree: "/dtb",
    devicetreeOverlay: ["/a.dtbo", "/b.dtbo"],
    architecture: "x64",
    profile: 2,
    extra: ["/demo/5.addon.efi"],
  });
  assert.equal(bootEntryKind(entry), "linux");
});

test("an entry that starts nothing, or two things, has no kind", () => {
  for (const [text, kind] of [
    ["efi /a.efi", "efi"],
    ["uki /a.efi", "uki"],
    ["uki-url :a.efi", "uki-url"],
    ["title x", undefined],
    ["linux /a\nefi /b", undefined],
  ] as const)
    assert.equal(bootEntryKind(parseBootEntry(bytes(text))), kind, text);
});

const value = fc.stringMatching(/^[a-z0-9=._-]{1,5}( [a-z0-9=._-]{1,5})?$/);
const path = fc.stringMatching(/^\/[a-z0-9._-]{1,8}$/);
const entries: fc.Arbitrary<BootEntryFile> = fc.record(
  {
    title: value,
    version: value,
    machineId: value,
    sortKey: value,
    linux: path,
    uki: path,
    options: value,
    architecture: value,
    profile: fc.nat(),
    initrd: fc.array(path),
    devicetreeOverlay: fc.array(path),
    extra: fc.array(path),
  },
  { requiredKeys: ["initrd", "devicetreeOverlay", "extra"] },
);

test("an entry that is written is read back the same", () => {
  fc.assert(
    fc.property(entries, (entry) => {
      assert.deepEqual({ ...parseBootEntry(bytes(formatBootEntry(entry))) }, { ...entry });
    }),
  );
});

test("a value that would leave its line is not written", () => {
  const empty: BootEntryFile = { initrd: [], devicetreeOverlay: [], extra: [] };
  for (const title of ["a\nlinux /evil", "", " a", '"a"', "a\0"])
    assert.throws(() => formatBootEntry({ ...empty, title }), { code: "boot-entry-bad-value" });
});

test("loader.conf is read, and what it does not know is passed over", () => {
  assert.deepEqual(
    parseLoaderConf(
      bytes(
        "default demo-*\npreferred @saved\ntimeout 5\ntimeout menu-hidden\ntimeout never\neditor no\nreboot-on-error on\nx y\n",
      ),
    ),
    { default: "demo-*", preferred: "@saved", timeout: "menu-hidden", rebootOnError: "yes", editor: false },
  );
  assert.deepEqual(parseLoaderConf(bytes("reboot-on-error auto\ntimeout 0\0default x")), {
    rebootOnError: "auto",
    timeout: 0,
  });
  assert.deepEqual(parseLoaderConf(bytes("")), {});
});

test("any bytes are an entry and a configuration, and what is read can be written or is a Fault", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom("", "title ", "options ", "extra "),
      (input, start) => {
        const whole = new Uint8Array([...bytes(start), ...input]);
        parseLoaderConf(whole);
        try {
          formatBootEntry(parseBootEntry(whole));
        } catch (error) {
          assert.ok(error instanceof Fault);
        }
      },
    ),
  );
});
