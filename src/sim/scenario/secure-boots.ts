// Secure Boot is on: what the firmware would not start is refused before anything changes, the rest is installed (P12).
import { signatureList, signatureLists } from "../../format/efi-signature-list.fixture.ts";
import type { FirmwareVariable } from "../../port/firmware.ts";
import { simCertificate } from "../code-verifier/sim-code-verifier.ts";
import { update, vacuum } from "./commands.ts";
import { inTurn, type Listed, listed, sampleOf, two, unless } from "./listed.ts";
import type { Layout, SampleOptions } from "./sample-machine.ts";

/** A machine with Secure Boot on: these names are in db, those in dbx. */
export function secureBoot(
  allowed: readonly string[],
  forbidden: readonly string[] = [],
): ReadonlyMap<FirmwareVariable, Uint8Array> {
  const lists = (names: readonly string[]): Uint8Array =>
    signatureLists(...names.map((name) => signatureList("x509", simCertificate(name))));
  return new Map([
    ["SecureBoot", Uint8Array.of(1)],
    ["SetupMode", Uint8Array.of(0)],
    ["db", lists(allowed)],
    ["dbx", lists(forbidden)],
  ]);
}

/** Version 1 is signed by the vendor; `second` is the chain of who signed version 2. */
export function signedSample(
  second: readonly string[] | undefined,
  forbidden: readonly string[] = [],
): Partial<SampleOptions> {
  return {
    firmware: secureBoot(["vendor", "old vendor"], forbidden),
    signers: (version) => (version === "2" ? second : ["release", "vendor"]),
  };
}

const one = [{ next: "1", kept: ["1"] }] as const;

const layouts: readonly (readonly [layout: Layout, what: string])[] = [
  ["files", "images on ext4"],
  ["slots", "two slots"],
  ["conf", "type 1 entries"],
];

const refusals: readonly (readonly [what: string, options: Partial<SampleOptions>])[] = [
  ["unsigned", signedSample(undefined)],
  ["signed by a stranger", signedSample(["stranger"])],
  ["signed by a key in dbx", signedSample(["old release", "old vendor"], ["old release"])],
];

export const secureBoots: readonly Listed[] = [
  ...layouts.map(([layout, what]) =>
    listed(`v1 to a signed v2 under Secure Boot, ${what}`, (seed) => ({
      sample: sampleOf(seed, layout, ["1"], ["1", "2"], signedSample(["release", "vendor"])),
      work: update,
      outcomes: two,
      always: ["1"],
    })),
  ),
  ...refusals.map(([what, options]) =>
    listed(`v2 ${what} under Secure Boot`, (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1", "2"], options),
      // What was fetched for the question is kept for the next one, until somebody sweeps.
      work: inTurn(unless(["firmware-refuses"], update), vacuum),
      recover: inTurn(unless(["firmware-refuses"], update), vacuum),
      outcomes: one,
      always: ["1"],
    })),
  ),
];
