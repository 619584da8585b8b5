import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { findProfile, parseRecipe } from "./recipe.ts";

const head = "[Recipe]\nName=os\nTitle=An OS\nSuite=trixie\n";
const tiny = `${head}[Profile tiny]\nKernel=linux-image-amd64\n`;

test("A recipe has a head and profiles; the first one is the default where none is named", () => {
  const recipe = parseRecipe(
    "a.conf",
    `${tiny}Packages=busybox-static\nPackages=bash dash\nInitrd=busybox\nHoldfast=yes\n`,
  );
  assert.deepEqual(recipe, {
    name: "os",
    title: "An OS",
    suite: "trixie",
    defaultProfile: "tiny",
    profiles: [
      {
        name: "tiny",
        kernel: "linux-image-amd64",
        packages: ["busybox-static", "bash", "dash"],
        without: [],
        files: [],
        remove: [],
        enable: [],
        modules: [],
        initrd: "busybox",
        initrdModules: [],
        initrdFiles: [],
        initrdParts: [],
        commandLine: [],
        compressionLevel: 9,
        holdfast: true,
      },
    ],
  });
});

test("A profile that extends another adds to its lists and replaces its single values", () => {
  const text = `${tiny}Packages=bash\nModules=vfat\nCommandLine=quiet\n[Profile big]\nExtends=tiny\nPackages=udisks2 bash\nKernel=linux-image-cloud-amd64\nModules=\n`;
  const big = findProfile(parseRecipe("a.conf", text), "big", "a.conf");
  assert.deepEqual(
    [big.packages, big.modules, big.kernel, big.commandLine],
    [["bash", "udisks2"], [], "linux-image-cloud-amd64", ["quiet"]],
  );
});

test("What is not understood is refused in one sentence that says where", () => {
  for (const [text, message] of [
    ["", "Cannot use the recipe a.conf: it has no [Profile NAME]"],
    [head, "Cannot use the recipe a.conf: it has no [Profile NAME]"],
    [tiny.replace("Title=An OS\n", ""), "Cannot use the recipe a.conf: it has no Title= in [Recipe]"],
    [tiny.replace("Name=os", "Name=../os"), 'Cannot use the recipe a.conf: Name="../os" is not usable'],
    [`${head}[Profile x]\nPackages=bash\n`, "Cannot use the recipe a.conf: the profile x has no Kernel="],
    [`${head}[Profil x]\n`, 'Cannot use the recipe a.conf: it has a section ["Profil x"]'],
    [`${tiny}Package=bash\n`, 'Cannot use the recipe a.conf:7: [Profile tiny] has no key "Package"'],
    [`${tiny}Packages=Bash\n`, 'Cannot use the recipe a.conf:7: Packages= names "Bash", no package name'],
    [`${tiny}Remove=../etc\n`, 'Cannot use the recipe a.conf:7: Remove= names "../etc", no pattern below /usr'],
    [
      `${tiny}Files=/etc\n`,
      `Cannot use the recipe a.conf:7: Files= names "/etc", no folder below the recipe's or one beside it`,
    ],
    [
      `${tiny}Files=a:../b\n`,
      `Cannot use the recipe a.conf:7: Files= names "a:../b", no folder below the recipe's or one beside it`,
    ],
    [`${tiny}Enable=ssh\n`, 'Cannot use the recipe a.conf:7: Enable= names "ssh", no unit'],
    [`${tiny}Holdfast=maybe\n`, 'Cannot use the recipe a.conf:7: Holdfast="maybe" is no boolean'],
    [
      `${tiny}CompressionLevel=22\n`,
      'Cannot use the recipe a.conf:7: CompressionLevel="22" is no level of zstd from 1 to 19',
    ],
    [`${tiny}Extends=big\n`, 'Cannot use the recipe a.conf: it has no profile "big"'],
    [`${tiny}Extends=tiny\n`, "Cannot use the recipe a.conf: the profile tiny extends itself"],
    [`${tiny}nonsense\n`, "Cannot use the recipe a.conf:7: line is no assignment"],
    [
      tiny.replace("Suite=trixie\n", "Suite=trixie\nProfile=big\n"),
      'Cannot use the recipe a.conf: it has no profile "big"',
    ],
  ] as const)
    assert.throws(() => parseRecipe("a.conf", text), { name: "Fault", message }, text);
});

test("Any text is a recipe or a Fault", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "[Recipe]",
      "[Profile a]",
      "Name=os",
      "Title=T",
      "Suite=s",
      "Kernel=linux-image-a",
      "Extends=a",
      "Files=a:b",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        parseRecipe("a.conf", lines.join("\n"));
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
  );
});
