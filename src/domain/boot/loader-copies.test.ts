import assert from "node:assert/strict";
import { test } from "node:test";
import { type LoaderCopy, type LoaderSource, planLoaderCopies } from "./loader-copies.ts";

const source: LoaderSource = { version: "262-1", sha256: "new", signed: false };

function copy(kind: LoaderCopy["kind"], holds: string, listed = true): LoaderCopy {
  const path = kind === "named" ? "systemd-bootx64.efi" : "BOOTX64.EFI";
  const [what = "", extra] = holds.split(" ");
  if (what === "nothing" || what === "broken" || what === "foreign")
    return { kind, path, holds: { kind: what }, listed };
  const sha256 = what === source.version && extra !== "rebuilt" ? "new" : `old ${what}`;
  return { kind, path, holds: { kind: "systemd-boot", version: what, sha256, signed: extra === "signed" }, listed };
}

const told = (named: LoaderCopy, fallback: LoaderCopy): string =>
  planLoaderCopies(source, [fallback, named])
    .map(({ state }) => state)
    .join(", ");

test("one copy in a boot, the named one first, and never the only one that starts", () => {
  const table: readonly (readonly [named: LoaderCopy, fallback: LoaderCopy, states: string])[] = [
    [copy("named", "257"), copy("fallback", "257"), "update, waits"],
    [copy("named", "262-1"), copy("fallback", "257"), "current, update"],
    [copy("named", "262-1"), copy("fallback", "262-1"), "current, current"],
    // Without its place in the firmware's list the named copy starts nothing by itself.
    [copy("named", "262-1", false), copy("fallback", "257"), "current, left-alone"],
    [copy("named", "257"), copy("fallback", "foreign"), "left-alone, left-alone"],
    [copy("named", "257"), copy("fallback", "nothing"), "left-alone, update"],
    [copy("named", "nothing", false), copy("fallback", "257"), "update, waits"],
    [copy("named", "broken"), copy("fallback", "257"), "update, waits"],
    [copy("named", "262-1"), copy("fallback", "broken"), "current, update"],
    [copy("named", "263"), copy("fallback", "262-1 rebuilt"), "left-alone, left-alone"],
    [copy("named", "257 signed"), copy("fallback", "257"), "left-alone, update"],
  ];
  for (const [named, fallback, states] of table)
    assert.equal(told(named, fallback), states, JSON.stringify([named, fallback]));
});
