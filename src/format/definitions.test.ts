import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import {
  expandSpecifiers,
  parseComponent,
  parseFeature,
  parseTransfer,
  type Transfer,
  transferEnabled,
  type UnitSource,
} from "./definitions.ts";

const specifiers = { a: "x86-64", M: "demo", A: "5" };
const file = "/usr/lib/sysupdate.d/50-root.transfer";

const unit = (text: string, path = file): UnitSource => ({ path, text });
const read = (text: string, ...dropIns: string[]): ReturnType<typeof parseTransfer> =>
  parseTransfer("50-root", [unit(text), ...dropIns.map((dropIn) => unit(dropIn, `${file}.d/a.conf`))], specifiers);
const transfer = (text: string, ...dropIns: string[]): Transfer => read(text, ...dropIns).transfer;

const minimal = `[Source]
Type=url-file
Path=https://example.com/os/
MatchPattern=%M_@v.efi
[Target]
Type=regular-file
Path=/EFI/Linux//
PathRelativeTo=boot
MatchPattern=%M_@v+@l-@d.efi %M_@v+@l.efi \\
  %M_@v.efi
`;

test("a transfer is read with its defaults", () => {
  const { transfer: found, warnings } = read(minimal);
  assert.deepEqual(warnings, []);
  assert.equal(found.id, "50-root");
  assert.equal(found.file, file);
  assert.equal(found.verify, true);
  assert.equal(found.source.path, "https://example.com/os/");
  assert.deepEqual(
    found.target.patterns.map((pattern) => pattern.text),
    ["demo_@v+@l-@d.efi", "demo_@v+@l.efi", "demo_@v.efi"],
  );
  const { patterns, ...rest } = found.target;
  assert.equal(patterns.length, 3);
  assert.deepEqual(rest, {
    type: "regular-file",
    path: "/EFI/Linux",
    pathRelativeTo: "boot",
    instancesMax: 3,
    removeTemporary: true,
  });
});

test("every key of a transfer has its value", () => {
  const { transfer: found, warnings } = read(`
[Transfer]
MinVersion=1.0
MaxVersion=9
ProtectVersion=%A
ProtectVersion=2
Verify=no
ChangeLog=https://example.com/@v.html
AppStream=https://example.com/a.xml
Features=one "two"
RequisiteFeatures=three
[Source]
Type=url-file
Path=http://example.com
MatchPattern=os_@v_@u.img.xz
[Target]
Type=partition
Path=auto
MatchPattern=os_@v
MatchPartitionType=root
PartitionUUID=0fc63daf84834772 
PartitionUUID=0fc63daf848347728e793d69d8477de4
PartitionFlags=0x10
PartitionNoAuto=yes
PartitionGrowFileSystem=no
ReadOnly=1
Mode=0444
TriesDone=0
TriesLeft=3
InstancesMax=0
RemoveTemporary=off
CurrentSymlink=/run/current
`);
  assert.deepEqual(
    warnings.map((warning) => [warning.line, warning.message]),
    [[21, "[Target] PartitionUUID=0fc63daf84834772 is no UUID, ignored"]],
  );
  const { source, target, ...rest } = found;
  assert.equal(source.patterns[0]?.text, "os_@v_@u.img.xz");
  assert.deepEqual(rest, {
    id: "50-root",
    file,
    minVersion: "1.0",
    maxVersion: "9",
    protectVersions: ["5", "2"],
    verify: false,
    changeLog: ["https://example.com/@v.html"],
    appStream: ["https://example.com/a.xml"],
    features: ["one", "two"],
    requisiteFeatures: ["three"],
  });
  const { patterns: _, ...settings } = target;
  assert.deepEqual(settings, {
    type: "partition",
    path: "auto",
    pathRelativeTo: "root",
    partitionType: "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
    partitionUuid: "0fc63daf-8483-4772-8e79-3d69d8477de4",
    partitionFlags: 0x10n,
    noAuto: true,
    growFileSystem: false,
    readOnly: true,
    mode: 0o444,
    triesDone: 0,
    triesLeft: 3,
    removeTemporary: false,
    currentSymlink: "/run/current",
  });
});

test("drop-ins add to lists, replace single values, and reset with an empty assignment", () => {
  const found = transfer(
    minimal,
    "[Transfer]\nProtectVersion=1\nProtectVersion=\nProtectVersion=2\nVerify=no\nVerify=\n[Target]\nMatchPattern=\nMatchPattern=x_@v.efi\nInstancesMax=1",
  );
  assert.deepEqual(found.protectVersions, ["2"]);
  assert.equal(found.verify, true);
  assert.deepEqual(
    found.target.patterns.map((pattern) => pattern.text),
    ["x_@v.efi"],
  );
  assert.equal(found.target.instancesMax, 2);
});

test("the type and the patterns of the target follow from the source where they are missing", () => {
  const derive = (type: string, path: string, target: string): Transfer =>
    transfer(`[Source]\nType=${type}\nPath=${path}\nMatchPattern=**/a_@v\n[Target]\nPath=${target}`);
  assert.equal(derive("url-file", "https://e.com", "/dev/sda").target.type, "partition");
  assert.equal(derive("regular-file", "/a", "/var/x").target.type, "regular-file");
  assert.equal(derive("tar", "/a", "/var/x").target.type, "directory");
  assert.equal(derive("url-tar", "file:///a", "/var/x").target.patterns[0]?.anyDepth, false);
  assert.equal(
    derive("url-file", "https://e.com", "/dev/sda").target.partitionType,
    "0fc63daf-8483-4772-8e79-3d69d8477de4",
  );
});

test("what contradicts itself is refused with file and reason", () => {
  const change = (from: string | RegExp, to: string): string => minimal.replace(from, to);
  for (const [text, code] of [
    ["", "definition-incomplete"],
    [change("Type=url-file", ""), "definition-incomplete"],
    [change(/Path=https.*/, ""), "definition-incomplete"],
    [change("Path=/EFI/Linux//", ""), "definition-incomplete"],
    [change("MatchPattern=%M_@v.efi", ""), "definition-incomplete"],
    [change("Type=url-file", "Type=partition"), "definition-contradictory"],
    [change("Type=regular-file", "Type=url-file"), "definition-contradictory"],
    [change("Type=regular-file", "Type=directory"), "definition-contradictory"],
    [change("Type=url-file", "Type=tar"), "definition-contradictory"],
    [change("https://example.com/os/", "ftp://example.com"), "definition-contradictory"],
    [change("/EFI/Linux//", "/EFI/../etc"), "definition-contradictory"],
    [change("/EFI/Linux//", "EFI"), "definition-contradictory"],
    [change("/EFI/Linux//", "auto"), "definition-contradictory"],
    [change("PathRelativeTo=boot", "PathRelativeTo=explicit"), "definition-contradictory"],
    [change("Type=regular-file", "Type=partition"), "definition-contradictory"],
    [change("MatchPattern=%M_@v+@l-@d.efi", "MatchPattern=**/@v"), "definition-contradictory"],
    [`${minimal}CurrentSymlink=../x\n`, "definition-contradictory"],
    [change("%M_@v.efi", "%M_.efi"), "definition-bad-pattern"],
    [change("%M_@v.efi", "%w_@v.efi"), "specifier-unknown"],
    [`${minimal}[Source\n`, "definition-syntax"],
    [`${minimal}\0`, "definition-syntax"],
    [" ".repeat((1 << 20) + 1), "definition-too-large"],
  ] as const)
    assert.throws(() => read(text), { code }, text.slice(0, 400));
  assert.throws(() => read(change("%M_@v.efi", "%M_.efi")), { message: /50-root\.transfer:4: .*it has no @v/ });
});

test("what systemd ignores with a message is a warning with its line", () => {
  const { warnings, transfer: found } = read(
    `\uFEFFStray=1\n${minimal}Unknown=1\nX-Mine=1\nMode=999\nno assignment\n; Mode=1\n  # Mode=1\n[Other]\nA=1\n[X-Other]\nB=1\n`,
  );
  assert.deepEqual(
    warnings.map((warning) => [warning.line, warning.message]),
    [
      [1, "Assignment outside of a section, ignored"],
      [12, "Unknown key Unknown in [Target], ignored"],
      [14, "[Target] Mode=999 is no file mode, ignored"],
      [15, "Line is no assignment, ignored"],
      [18, "Unknown section [Other], ignored"],
    ],
  );
  assert.equal(found.target.mode, undefined);
});

test("comments may stand between continued lines", () => {
  const text = minimal.replace("MatchPattern=%M_@v.efi", "MatchPattern=a_@v \\\n# between\n; too\n  b_@v");
  assert.deepEqual(
    transfer(text).source.patterns.map((pattern) => pattern.text),
    ["a_@v", "b_@v"],
  );
});

test("features and components are read", () => {
  const { feature, warnings } = parseFeature(
    "devel",
    [
      unit(
        "[Feature]\nDescription=Tools\nDocumentation=https://e.com/d\nAppStream=ftp://e\nSuggestOnHost=x",
        "/a/devel.feature",
      ),
      unit("[Feature]\nEnabled=true", "/b"),
    ],
    specifiers,
  );
  assert.deepEqual(feature, {
    id: "devel",
    file: "/a/devel.feature",
    description: "Tools",
    documentation: ["https://e.com/d"],
    enabled: true,
    suggestion: {
      always: undefined,
      conditions: [{ kind: "Host", negated: false, alternative: false, argument: "x" }],
    },
  });
  assert.equal(warnings.length, 1);
  const { component } = parseComponent("shim", [unit("[Component]\nEnabled=no\nDescription=Shim", "/c")], specifiers);
  assert.deepEqual(component, {
    id: "shim",
    file: "/c",
    description: "Shim",
    documentation: [],
    enabled: false,
    suggestion: { always: undefined, conditions: [] },
  });
});

test("suggestions are read with their signs, and an empty one resets the conditions", () => {
  const suggestionOf = (...lines: readonly string[]): unknown =>
    parseFeature("f", [unit(["[Feature]", ...lines].join("\n"))], specifiers).feature.suggestion;
  assert.deepEqual(suggestionOf("SuggestOnHost=a", "Suggest=no", "SuggestOnFirmware=", "SuggestOnMachineTag=|!b"), {
    always: false,
    conditions: [{ kind: "MachineTag", negated: true, alternative: true, argument: "b" }],
  });
});

test("a feature is off and a component is on where nothing is said", () => {
  assert.equal(parseFeature("f", [unit("[Feature]\nDescription=x")], specifiers).feature.enabled, false);
  assert.equal(parseComponent("c", [], specifiers).component.enabled, true);
});

test("a transfer takes part when all requisite and any of its features are on", () => {
  const gated = transfer(`${minimal}[Transfer]\nFeatures=a b\nRequisiteFeatures=c\n`);
  for (const [enabled, expected] of [
    ["", false],
    ["a", false],
    ["c", false],
    ["bc", true],
    ["abc", true],
  ] as const)
    assert.equal(transferEnabled(gated, new Set(enabled)), expected, enabled);
  assert.equal(transferEnabled(transfer(minimal), new Set()), true);
});

test("specifiers are expanded, and an unknown one is a Fault", () => {
  assert.equal(expandSpecifiers("%M_%%a_%a %-%", specifiers), "demo_%a_x86-64 %-%");
  assert.throws(() => expandSpecifiers("%q", specifiers), { code: "specifier-unknown" });
  assert.throws(() => expandSpecifiers("%constructor", {}), { code: "specifier-unknown" });
});

test("any text is a definition or a Fault", () => {
  const pieces = fc.constantFrom(
    "[Source]",
    "[Target]",
    "Type=",
    "Path=",
    "\n",
    "\\",
    "url-file",
    "/a",
    "MatchPattern=",
    "@v",
    "%a",
    "#",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      parseFeature("f", [unit(text.replaceAll("[", "(").replaceAll("\0", ""))], specifiers);
      try {
        read(text);
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});
