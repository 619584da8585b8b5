// Leftovers of systemd-sysupdate of each kind (interfaces D.3): found, and gone or continued in the end.
import { Content } from "../disk/content.ts";
import { update } from "./commands.ts";
import { type Listed, listed, sampleOf, two } from "./listed.ts";
import { entryPath } from "./sample-machine.ts";

export const leftovers: readonly Listed[] = [
  listed("leftovers of systemd-sysupdate", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      ({ world: { tree } }): void => {
        for (const folder of ["/images", entryPath("").slice(0, -1)]) {
          for (const name of [
            ".sysupdate.partial.os_2.img",
            ".sysupdate.pending.os_2.img",
            ".#sysupdateos_2.img0123456789abcdef",
          ])
            tree.plant(`${folder}/${name}`, Content.pattern(77, 9_000));
        }
      },
    ],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
];
