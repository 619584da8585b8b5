// A component of two parts, each with a link of its own, that a power cut left at different versions, or that is there
// in part only (P3, P5).
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { rollbackTo, vacuum } from "../../../../src/sim/scenario/commands.ts";
import { type Listed, listed, sampleOf } from "../../../../src/sim/scenario/listed.ts";
import { define } from "../../../../src/sim/scenario/sample-definitions.ts";
import type { Sample } from "../../../../src/sim/scenario/sample-machine.ts";
import { refused } from "./meddle.ts";
import { asking } from "./watch.ts";

const pluginTransfer =
  "[Source]\nType=url-tar\nPath=http://updates.example/os\nMatchPattern=plugin_@v.tar\n" +
  "[Target]\nType=directory\nPath=/plugins\nMatchPattern=plugin_@v\nInstancesMax=2\nCurrentSymlink=/plugins/current\n";

/** The second part: these versions of it are there, and its link leads to one of them. */
const withPlugins =
  (linked: string, ...versions: readonly string[]) =>
  ({ world }: Sample): void => {
    define(world, "20-plugin", pluginTransfer);
    for (const version of versions) world.tree.plant(`/plugins/plugin_${version}/version`, `${version}\n`);
    world.tree.plantLink("/plugins/current", `plugin_${linked}`);
  };

/** What the second link leads to. */
const leadsTo =
  (version: string) =>
  async ({ tree }: SimWorld): Promise<readonly string[]> => {
    const found = tree.peek("/plugins/current/version");
    const text = found === undefined || found === "unreadable" ? "" : new TextDecoder().decode(found.bytes());
    return text === `${version}\n` ? [] : [`P3: the second part of version ${version} is in use, and gone`];
  };

export const twoParts: readonly Listed[] = [
  asking(
    listed("vacuum of a component whose second link leads to what is there in part", (seed) => ({
      sample: sampleOf(seed, "trees", ["2", "3"], ["2", "3"]),
      before: [withPlugins("1", "1", "2", "3")],
      work: vacuum,
      recover: vacuum,
      outcomes: [{ next: "3", kept: ["2", "3"] }],
      always: ["2", "3"],
    })),
    { always: leadsTo("1") },
  ),
  asking(
    listed("going back to a version of which one part of two is there", (seed) => ({
      sample: sampleOf(seed, "trees", ["1", "2"], ["1", "2"]),
      before: [withPlugins("2", "2")],
      ...refused(rollbackTo("1"), "not-switchable"),
      outcomes: [{ next: "2", kept: ["1", "2"] }],
      always: ["1", "2"],
      settles: false,
    })),
    { always: leadsTo("2") },
  ),
];
