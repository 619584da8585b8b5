// Definitions that change between two runs: what was installed under the old ones stays whole, and goes whole.
import { update, updateTo } from "./commands.ts";
import { booted, did, type Listed, listed, sampleOf, three } from "./listed.ts";
import type { Promised, Step } from "./promised.ts";
import { define, fileTransfer, redefine, undefine } from "./sample-definitions.ts";
import { plantTools, type SampleOptions } from "./sample-machine.ts";

/** Wanted by everyone, not by who switches the feature on. */
const unconditional = (text: string): string => text.replace("[Transfer]\nFeatures=tools\n", "");

/** v1 and v2 came under the old definitions; then they change, and v3 comes under the new ones. */
function changed(
  name: string,
  change: Step,
  more: Partial<SampleOptions> = {},
  rest: Partial<Promised> = {},
  first: readonly Step[] = [],
): Listed {
  return listed(`definitions: ${name}, then v3`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"], more),
    before: [...first, did(updateTo("2")), booted, change],
    work: update,
    outcomes: three,
    always: ["2"],
    ...rest,
  }));
}

export const changedDefinitions: readonly Listed[] = [
  changed(
    "a pattern renamed",
    ({ world }) =>
      redefine(world, "10-root", (text) =>
        text.replace(/MatchPattern=os_@v\.img\n$/, "MatchPattern=system_@v.img os_@v.img\n"),
      ),
    { imagePathOf: (version) => (version === "3" ? "/images/system_3.img" : `/images/os_${version}.img`) },
  ),
  changed(
    "a transfer added",
    ({ world }) => define(world, "15-tools", fileTransfer("tools")),
    { tools: "on", toolsIn: ["3"] },
    // As where a feature is switched on: where the record of v2 rots, only today's definitions say what v2 needs.
    { afterFault: [{ next: "3", kept: ["3"], unfinished: true }] },
    [({ world }) => undefine(world, "15-tools")],
  ),
  changed("a transfer removed", ({ world }) => undefine(world, "15-tools"), { tools: "on", toolsIn: ["1", "2"] }, {}, [
    (sample): void => plantTools(sample, "1"),
    ({ world }) => redefine(world, "15-tools", unconditional),
  ]),
  changed(
    "the target moved",
    ({ world }) => {
      world.tree.plantFolder("/pool");
      redefine(world, "10-root", (text) => text.replace("Path=/images", "Path=/pool"));
    },
    { imagePathOf: (version) => `${version === "3" ? "/pool" : "/images"}/os_${version}.img` },
  ),
  changed("Verify= switched off", ({ world }) =>
    redefine(world, "10-root", (text) => `[Transfer]\nVerify=no\n${text}`),
  ),
  changed(
    "Verify= switched on again",
    ({ world }) => redefine(world, "10-root", (text) => text.replace("Verify=no\n", "")),
    {},
    {},
    [({ world }) => redefine(world, "10-root", (text) => `[Transfer]\nVerify=no\n${text}`)],
  ),
  listed("definitions: InstancesMax= lowered, then v5", (seed) => ({
    sample: sampleOf(seed, "files", ["1", "2", "3", "4"], ["1", "2", "3", "4", "5"]),
    before: [],
    work: update,
    outcomes: [{ next: "5", kept: ["4", "5"] }],
    always: ["4"],
  })),
];
