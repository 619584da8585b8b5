// systemd's %-specifiers in definitions, such as %a for the architecture (sysupdate.d(5), "Specifiers").
import { Fault } from "../base/fault.ts";

/** From a specifier's letter to its text, for the machine that is updated. What it lacks cannot be used. */
export type Specifiers = Readonly<Record<string, string>>;

/** Replaces every specifier in `text`. As in systemd, % stays as it is before anything but a letter or digit. */
export function expandSpecifiers(text: string, specifiers: Specifiers): string {
  return text.replace(/%([0-9A-Za-z%])/g, (_, letter: string) => {
    if (letter === "%") return "%";
    const value = Object.hasOwn(specifiers, letter) ? specifiers[letter] : undefined;
    if (value !== undefined) return value;
    throw new Fault(
      "specifier-unknown",
      `Cannot expand %${letter} in ${JSON.stringify(text.slice(0, 300))}: it has no value here`,
      {
        hint: "Write %% for a literal %, or set the field of os-release that the specifier stands for.",
      },
    );
  });
}
