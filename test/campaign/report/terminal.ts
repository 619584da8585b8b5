// What a part found, for the terminal it ran in.
import type { PartResult } from "../part.ts";

export function isKept({ headlines, wrong }: PartResult): boolean {
  return wrong.length === 0 && headlines.every(({ kept }) => kept);
}

export function describeResult(result: PartResult): string {
  const { name, title, seconds, headlines, wrong, notTried } = result;
  return [
    `${isKept(result) ? "kept" : "NOT KEPT"}  ${name}: ${title} (${seconds} s, ${result.repeat})`,
    ...headlines.map(({ question, holdfast, kept, sysupdate257, sysupdate262 }) => {
      const peers = [sysupdate257, sysupdate262].map((value) => value ?? "–").join(", ");
      return `  ${kept ? "kept    " : "NOT KEPT"}  ${question}: ${holdfast} (257, 262: ${peers})`;
    }),
    ...wrong.map((what) => `  wrong: ${what.replaceAll("\n", "\n    ")}`),
    ...notTried.map((what) => `  not tried: ${what}`),
  ].join("\n");
}
