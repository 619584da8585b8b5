// Reads the user's definitions on the simulated machine, so that parser, drop-ins, masks and specifiers are the product's own.
import { Fault } from "../../base/fault.ts";
import { type Definitions, readDefinitions } from "../../agent/observe/definitions.ts";
import { SimWorld } from "../machine.ts";
import { type DefinitionFile, definitionFolders, type DefinitionPlace } from "./definition-files.ts";
import { ownCommands } from "./own-commands.ts";
import { imageVersionText } from "./own-world.ts";

/** What the specifiers of definitions stand for where no machine says it. */
export const assumedOsRelease: string =
  "ID=demo\nIMAGE_ID=demo\nVERSION_ID=1\nVARIANT_ID=demo\nBUILD_ID=1\nPRETTY_NAME=Simulated\n";

export interface OwnDefinitions {
  /** With what --feature switches on and off. */
  readonly files: readonly DefinitionFile[];
  readonly definitions: Definitions;
}

/** Throws a Fault of kind "refused" for definitions that no update would take. */
export async function readOwnDefinitions(
  files: readonly DefinitionFile[],
  place: DefinitionPlace,
  osRelease: string,
  features: ReadonlyMap<string, boolean>,
): Promise<OwnDefinitions> {
  return asRefusal(async () => {
    const found = await parse(files, place, osRelease);
    const unknown = [...features.keys()].find((name) => !found.features.some(({ id }) => id === name));
    if (unknown !== undefined) throw unknownFeature(unknown, found);
    const switched = [...files, ...[...features].map(([name, on]) => switchFile(place, name, on))];
    const definitions = features.size === 0 ? found : await parse(switched, place, osRelease);
    if (definitions.enabled.length === 0) {
      const names = definitions.features.map(({ id }) => id).join(", ");
      throw new Fault(
        "nothing-enabled",
        `Cannot simulate: every transfer is switched off (features: ${names || "none"})`,
        {
          hint: "Switch a feature on for the simulation: --feature=NAME=on",
          kind: "usage",
        },
      );
    }
    return { files: switched, definitions };
  });
}

/** Whatever the definitions cause on a machine that lacks nothing is their fault. */
export async function asRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault) || error.kind === "usage" || error.kind === "interrupted") throw error;
    throw new Fault(error.code, error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: error.details,
      cause: error.cause,
      kind: "refused",
    });
  }
}

async function parse(
  files: readonly DefinitionFile[],
  place: DefinitionPlace,
  osRelease: string,
): Promise<Definitions> {
  const world = new SimWorld({ seed: 1, fileSystems: [{ mountPoint: "/", type: "ext4", sizeBytes: 2 ** 30 }] });
  for (const { path, text } of files) {
    if (text === undefined) world.tree.plantLink(path, "/dev/null");
    else world.tree.plant(path, text);
  }
  world.tree.plant("/etc/os-release", imageVersionText(osRelease, "1"));
  world.tree.plant("/etc/machine-id", `${"5".repeat(32)}\n`);
  return readDefinitions(ownCommands(place).session(world.run().machine));
}

function switchFile(place: DefinitionPlace, name: string, on: boolean): DefinitionFile {
  const [folder = "/etc/sysupdate.d"] = definitionFolders(place);
  return { path: `${folder}/${name}.feature.d/99-simulated.conf`, text: `[Feature]\nEnabled=${on ? "yes" : "no"}\n` };
}

function unknownFeature(name: string, { features }: Definitions): Fault {
  const known = features.map(({ id }) => id).join(", ");
  return new Fault("unknown-feature", `Cannot switch ${JSON.stringify(name)}: there is no such feature`, {
    hint: known === "" ? "These definitions have no features." : `There are: ${known}.`,
    kind: "usage",
  });
}
