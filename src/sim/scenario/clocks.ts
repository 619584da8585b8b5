// Clocks that are wrong, lists that are stale, signed anew or replayed, and servers that send other bytes (P9, P13).
import { htmlPage, type ServerFault, type SimServer } from "../http/sim-server.ts";
import { update } from "./commands.ts";
import { did, type Listed, listed, sampleOf, two, unless } from "./listed.ts";
import type { Promised } from "./promised.ts";
import { type SampleOptions, sampleMachine } from "./sample-machine.ts";

const one = [{ next: "1", kept: ["1"] }];
const still: Pick<Promised, "outcomes" | "always"> = { outcomes: one, always: ["1"] };
/** What has come already stays for the next run. */
const halfway: typeof still = { outcomes: [{ next: "1", kept: ["1"], unfinished: true }], always: ["1"] };

function dated(what: string, options: Partial<SampleOptions>, rest: Partial<Promised>): Listed {
  return listed(`clock: ${what}`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], options),
    work: update,
    outcomes: two,
    always: ["1"],
    ...rest,
  }));
}

/** What the network offers later. */
function later(seed: number, options: Partial<SampleOptions>): readonly SimServer[] {
  return sampleMachine({ seed, layout: "files", installed: ["1"], offered: ["1", "2"], ...options }).world.servers;
}

/** The first answers for a path are wrong. */
function lies(what: string, path: string, fault: ServerFault, code: string): Listed {
  return listed(`server: ${what}`, (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [({ world }) => world.servers[0]?.plan({ path, fault, times: 1_000 })],
    work: unless([code], update),
    recover: unless([code], update),
    ...halfway,
  }));
}

export const clocks: readonly Listed[] = [
  dated("at 1970", { startMs: 0 }, {}),
  dated("in 2099", { startMs: Date.UTC(2099, 0, 1) }, {}),
  dated(
    "set back to 1970 before the update, best before 2027",
    { bestBefore: "2027-01-01" },
    {
      before: [({ world }) => world.clock.set(0)],
    },
  ),
  dated(
    "past the best-before date",
    { bestBefore: "2026-10-01" },
    { work: unless(["manifest-stale"], update), recover: unless(["manifest-stale"], update), ...still },
  ),
  listed("clock: the list signed again since", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [did(update), ({ world }) => world.serve(later(seed, { signedAtMs: Date.UTC(2026, 1, 25) }))],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("clock: an older list replayed", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1"]),
    before: [did(update), ({ world }) => world.serve(later(seed, { signedAtMs: Date.UTC(2026, 0, 1) }))],
    work: unless(["manifest-older"], update),
    recover: unless(["manifest-older"], update),
    ...still,
  })),
  lies("another byte in the image", "/os/os_2.img", { kind: "flip", at: 10_000 }, "digest-mismatch"),
  lies("another byte in the entry", "/os/os_2.efi", { kind: "flip", at: 5_000 }, "digest-mismatch"),
  lies("a web page for the list", "/os/SHA256SUMS", htmlPage, "manifest-is-html"),
  lies("a web page for the image", "/os/os_2.img", htmlPage, "digest-mismatch"),
];
