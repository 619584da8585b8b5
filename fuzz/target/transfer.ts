// A transfer's definition and its drop-ins (`sysupdate.d/*.transfer`), parted by lines of three dashes.
import { ok } from "node:assert/strict";
import { parseTransfer } from "../../src/format/definitions.ts";
import { decoded, type Target, textOf } from "../target.ts";

const file = `[Transfer]
MinVersion=2
ProtectVersion=%A
Verify=no
ChangeLog=https://example.org/@v.html
Features=extra

[Source]
Type=url-file
Path=https://example.org/images
MatchPattern=demo_@v_@u.raw.xz demo_@v.raw

[Target]
Type=partition
Path=auto
MatchPattern=demo_@v
MatchPartitionType=root
PartitionFlags=0
ReadOnly=1
---
[Target]
InstancesMax=2
`;
const entry = `[Source]
Type=regular-file
Path=/srv
MatchPattern=demo_@v+@l-@d.efi
[Target]
Type=regular-file
Path=/EFI/Linux
PathRelativeTo=boot
MatchPattern=demo_@v+@l-@d.efi \\
  demo_@v.efi
Mode=0444
TriesLeft=3
TriesDone=0
CurrentSymlink=demo.efi
`;

const tree = `[Transfer]
MaxVersion=9
AppStream=https://example.org/catalog.xml
RequisiteFeatures=extra "one more"
X-Note=%Z
[Source]
Type=tar
Path=/srv//images/
PathRelativeTo=explicit
MatchPattern=**/demo_@v.tar
[Target]
Type=subvolume
Path=/var/lib/machines
MatchPattern=demo_@v
RemoveTemporary=no
CurrentSymlink=/var/lib/machines/demo
PartitionUUID=0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f
PartitionNoAuto=yes
PartitionGrowFileSystem=maybe
InstancesMax=1
[Unknown]
`;

export const target: Target = {
  name: "transfer",
  covers: [
    "src/format/transfer-file.ts",
    "src/format/transfer-keys.ts",
    "src/format/unit-file.ts",
    "src/format/unit-reader.ts",
    "src/format/specifier.ts",
  ],
  lengthMax: 2048,
  seeds: () => [file, entry, tree],
  run(bytes) {
    const sources = textOf(bytes)
      .split("\n---\n", 8)
      .map((text, index) => ({ path: `/etc/sysupdate.d/10-demo.transfer.d/${index}.conf`, text }));
    const read = decoded(() => parseTransfer("10-demo", sources, { A: "5", a: "x86-64", w: "12" }));
    if (read === undefined) return;
    const { source, target: place } = read.transfer;
    ok(source.patterns.length > 0 && place.patterns.length > 0);
    ok(place.path === "auto" || (place.path.startsWith("/") && !place.path.split("/").includes("..")), place.path);
    ok(read.warnings.length <= 2 * bytes.length);
  },
};
