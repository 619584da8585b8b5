// P8, looked at from outside: which versions are in quarantine, and what the ESP says was good.
import type { SimWorld } from "../machine.ts";

function isThere(world: SimWorld, path: string): boolean {
  return world.tree.peek(path) !== undefined;
}

/** A version that did nothing wrong is not held against. */
export const neverCondemned =
  (version: string) =>
  (world: SimWorld): readonly string[] =>
    isThere(world, `/var/lib/holdfast/quarantine/${version}.json`)
      ? [`P8: version ${version} is in quarantine, and nothing was wrong with it`]
      : [];

export const remembered =
  (version: string) =>
  (world: SimWorld): readonly string[] =>
    isThere(world, `/var/lib/holdfast/quarantine/${version}.json`)
      ? []
      : [`P8: version ${version} failed with evidence and is not in quarantine`];

/** The list of good entries names one of these first. */
export const namesGood =
  (...ids: readonly string[]) =>
  (world: SimWorld): readonly string[] => {
    const found = world.tree.peek("/efi/EFI/holdfast/known-good.txt");
    const text = found === undefined || found === "unreadable" ? "" : new TextDecoder().decode(found.bytes());
    const first = text.split("\n")[0] ?? "";
    return ids.includes(first)
      ? []
      : [`P8: ${ids.join(" or ")} was found good last, and the ESP says ${JSON.stringify(text)}`];
  };

/** Nothing of the loader's update is left half done. */
export const loaderIs =
  (path: string, key: string) =>
  (world: SimWorld): readonly string[] => {
    const found = world.tree.peek(path, "medium");
    if (found === undefined || found === "unreadable") return [`P8: ${path} cannot be read`];
    return found.key() === key ? [] : [`P8: ${path} is not the boot loader that it is to be`];
  };
