// Features and components (`*.feature`, `*.component`), and whether they are suggested for a machine.
import { ok } from "node:assert/strict";
import { judgeSuggestion } from "../../src/domain/suggest.ts";
import { parseComponent, parseFeature } from "../../src/format/definitions.ts";
import { decoded, type Target, textOf } from "../target.ts";

const seed = `[Feature]
Description=Extra tools
Documentation=https://example.org/extra
AppStream=https://example.org/catalog.xml.gz
Enabled=false
Suggest=
SuggestOnArchitecture=!x86-64
SuggestOnHost=|demo*
SuggestOnFirmware=smbios-field(board_name $= "Demo*")
SuggestOnKernelCommandLine=quiet
SuggestOnVersion=kernel >=6.1
SuggestOnOSRelease=ID=demo VERSION_ID>5
SuggestOnMachineTag=|[a-d]*
`;

const facts = {
  architecture: "x86-64",
  hostName: "demo-machine-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  ids: ["0".repeat(32)],
  kernelRelease: "6.18.3-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  kernelCommandLine: "quiet root=/dev/sda2",
  isUefi: true,
  hasDeviceTree: false,
  osRelease: new Map([["ID", "demo"]]),
  machineTags: ["desk", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
  smbios: new Map([["board_name", "Demo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]]),
};

export const target: Target = {
  name: "feature",
  covers: [
    "src/format/feature-file.ts",
    "src/format/component-file.ts",
    "src/format/suggestion.ts",
    "src/domain/suggest.ts",
  ],
  lengthMax: 1024,
  seeds: () => [
    seed,
    seed.replace("[Feature]", "[Component]"),
    ...seed.split("\n").flatMap((line) => [`[Feature]\n${line}\n`, `[Component]\n${line}\n`]),
  ],
  run(bytes) {
    const sources = [{ path: "/etc/sysupdate.d/extra.feature", text: textOf(bytes) }];
    for (const suggestion of [
      decoded(() => parseFeature("extra", sources, { a: "x86-64" }))?.feature.suggestion,
      decoded(() => parseComponent("extra", sources, { a: "x86-64" }))?.component.suggestion,
    ]) {
      if (suggestion !== undefined) ok(["yes", "no", "unknown"].includes(judgeSuggestion(suggestion, facts).kind));
    }
  },
};
