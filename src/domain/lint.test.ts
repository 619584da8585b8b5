import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import { lint, type LintInput } from "./lint.ts";
import { type SampleTransfer, sampleTransfer, sampleTransfers } from "./sample-transfer.ts";

type Row = readonly [string, SampleTransfer];
const uki = "os_@v+@l-@d.efi os_@v.efi";
const counted = "PathRelativeTo=boot\nTriesLeft=3";
const root: Row = ["50-root", { path: "/system", patterns: "os_@v.erofs" }];

function codes(rows: readonly Row[], changes: Partial<LintInput> = {}): readonly string[] {
  const enabled = rows.map(([id, sample]) => sampleTransfer(id, sample));
  return lint({ enabled, warnings: [], ...changes }).map(({ code, severity }) => `${severity} ${code}`);
}

test("Sound definitions have no findings, also where patterns of one transfer overlap", () => {
  assert.deepEqual(lint({ enabled: sampleTransfers(), warnings: [] }), []);
});

test("Two transfers that can match one name are an error with the name", () => {
  const enabled = [sampleTransfer(...root), sampleTransfer("60-data", { path: "/system", patterns: "os@v.erofs" })];
  const [found] = lint({ enabled, warnings: [] });
  assert.equal(found?.code, "targets-overlap");
  assert.deepEqual(found.files, ["/usr/lib/sysupdate.d/50-root.transfer", "/usr/lib/sysupdate.d/60-data.transfer"]);
  assert.match(found.sentence, /^os_@v\.erofs and os@v\.erofs both match system\/os_.*\.erofs, so /);
});

test("Names collide only where the targets may be one place", () => {
  const rows: readonly (readonly [SampleTransfer, SampleTransfer, boolean])[] = [
    [{ path: "/a", patterns: "os_@v" }, { path: "/b", patterns: "os_@v" }, false],
    [{ path: "/a", patterns: "b/os_@v" }, { path: "/a/b", patterns: "os_@v" }, true],
    [{ path: "/a", patterns: "os_@v.erofs" }, { path: "/a", patterns: "os_@v.verity" }, false],
    [{ path: "/a", patterns: "os_@v.erofs" }, { path: "/a", patterns: "os_@v.erofs.caibx" }, false],
    [
      { path: "/os", patterns: "k_@v", target: "PathRelativeTo=boot" },
      { path: "/os", patterns: "k_@v", target: "PathRelativeTo=esp" },
      true,
    ],
    [
      { path: "/os", patterns: "k_@v", target: "PathRelativeTo=xbootldr" },
      { path: "/os", patterns: "k_@v", target: "PathRelativeTo=esp" },
      false,
    ],
    [{ path: "/efi/OS", patterns: "K_@v" }, { path: "/os", patterns: "k_@v", target: "PathRelativeTo=esp" }, true],
    [{ path: "/os", patterns: "k_@v" }, { path: "/os", patterns: "k_@v", target: "PathRelativeTo=esp" }, false],
    [
      { path: "auto", patterns: "os_@v", target: "Type=partition\nMatchPartitionType=root" },
      { path: "auto", patterns: "os_@v", target: "Type=partition\nMatchPartitionType=usr" },
      false,
    ],
    [
      { path: "auto", patterns: "os_@v", target: "Type=partition\nMatchPartitionType=root" },
      { path: "auto", patterns: "os_@v", target: "Type=partition\nMatchPartitionType=root" },
      true,
    ],
  ];
  for (const [a, b, collides] of rows) {
    const found = codes([
      ["50-a", a],
      ["60-b", b],
    ]).includes("error targets-overlap");
    assert.equal(found, collides, JSON.stringify([a, b]));
  }
});

test("Each defect has its finding", () => {
  const entry = (changes: Partial<SampleTransfer>): Row => [
    "90-uki",
    { path: "/EFI/Linux", patterns: uki, target: counted, ...changes },
  ];
  const rows: readonly (readonly [readonly Row[], readonly string[]])[] = [
    [
      [root, ["60-verity", { path: "/system", patterns: "os_@v.verity", target: "InstancesMax=2" }]],
      ["error retention-differs"],
    ],
    [[root, ["60-usr", { path: "auto", patterns: "os_@v", target: "Type=partition" }]], []],
    [[["10-uki", entry({})[1]], root], ["warning entry-not-last"]],
    [[entry({ patterns: "os_@v.efi" })], ["error counter-not-in-name"]],
    [[entry({ patterns: "os_@v+@l.efi" })], ["warning counter-changes-length"]],
    [[entry({ target: "PathRelativeTo=boot" })], ["error counter-without-value"]],
    [[entry({ target: "PathRelativeTo=boot", source: "MatchPattern=\nMatchPattern=x_@v+@l.efi" })], []],
    [[entry({ patterns: "os_@v.efi", target: "PathRelativeTo=boot" })], ["warning entry-not-counted"]],
    [[entry({ target: "PathRelativeTo=boot\nTriesLeft=0" })], ["error born-bad"]],
    [[entry({ target: "PathRelativeTo=boot\nTriesLeft=1" })], ["warning too-few-tries"]],
    [[entry({ path: "/efi/EFI/Linux", target: "TriesLeft=3" })], ["warning boot-path-fixed"]],
    [[["50-root", { ...root[1], transfer: "Verify=no" }]], ["warning verify-off"]],
    [[["50-root", { ...root[1], transfer: "Verify=no", source: "Path=http://example.com/os/" }]], ["error plain-http"]],
    [[["50-root", { ...root[1], source: "Path=http://example.com/os/" }]], []],
  ];
  for (const [transfers, expected] of rows) assert.deepEqual(codes(transfers), expected, JSON.stringify(transfers));
});

test("A version range without a version is an error", () => {
  const transfer = { ...sampleTransfer(...root), minVersion: parseVersion("9"), maxVersion: parseVersion("8") };
  assert.deepEqual(
    lint({ enabled: [transfer], warnings: [] }).map(({ code }) => code),
    ["no-version-possible"],
  );
});

test("A source name that begins with another's is safe here, and a warning for older systems", () => {
  const image: Row = [
    "50-root",
    { path: "/a", patterns: "os_@v.erofs", source: "MatchPattern=\nMatchPattern=os_@v.erofs" },
  ];
  const index: Row = [
    "60-index",
    { path: "/b", patterns: "os_@v.caibx", source: "MatchPattern=\nMatchPattern=os_@v.erofs.caibx" },
  ];
  assert.deepEqual(codes([image, index]), ["warning prefix-of-another"]);
});

test("What was not read or had no effect is passed on", () => {
  const changes = {
    unreadFiles: ["/etc/sysupdate.d/a.conf"],
    warnings: [{ file: "/x.transfer", line: 3, message: "Foo= is unknown" }],
  };
  assert.deepEqual(
    lint({ enabled: [], ...changes }).map(({ code, sentence }) => [code, sentence]),
    [
      ["conf-not-read", "/etc/sysupdate.d/a.conf is not read, because there are .transfer files"],
      ["setting-ignored", "/x.transfer:3: Foo= is unknown"],
    ],
  );
});
