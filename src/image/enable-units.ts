// Units that start by themselves in every version, whatever /etc says: links below /usr, as `systemctl enable` would put them
// into /etc by the unit's [Install] section (systemd.unit(5)).
import { Fault } from "../base/fault.ts";
import { parseUnit, splitWords } from "../format/unit-file.ts";
import type { Build } from "./build.ts";

const folder = "usr/lib/systemd/system";
const wishes: Readonly<Record<string, string>> = { WantedBy: "wants", RequiredBy: "requires", UpheldBy: "upholds" };

export async function enableUnits({ workshop, tree, profile }: Build): Promise<void> {
  const done = new Set<string>();
  const enable = async (unit: string): Promise<void> => {
    if (done.has(unit)) return;
    done.add(unit);
    const file = unit.replace(/@[^@]*(?=\.\w+$)/, "@");
    const path = `${tree}/${folder}/${file}`;
    if ((await workshop.kindOf(path)) !== "file")
      throw new Fault(
        "build-no-unit",
        `Cannot build the image: the recipe enables ${unit}, and no package or folder has ${file}`,
        {
          hint: "Correct Enable= in the recipe, or add the package that has it.",
        },
      );
    const text = new TextDecoder().decode(await workshop.read(path));
    const { assignments } = parseUnit({ path: file, text }, new Set(["Install"]));
    for (const { key, value } of assignments) {
      for (const word of splitWords(value)) {
        const wish = wishes[key];
        if (wish !== undefined) await workshop.link(`${tree}/${folder}/${word}.${wish}/${unit}`, `../${file}`);
        else if (key === "Alias") await workshop.link(`${tree}/${folder}/${word}`, unit);
        else if (key === "Also") await enable(word);
      }
    }
  };
  for (const unit of profile.enable) await enable(unit);
}
