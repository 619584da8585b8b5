// The os-release of an image (os-release(5)): what the updater, the boot menu and people know a version by.
import type { Profile, Recipe } from "../format/recipe.ts";

export function osRelease({ name, title, suite }: Recipe, profile: Profile, version: string): string {
  const lines: readonly (readonly [string, string])[] = [
    ["ID", name],
    ["ID_LIKE", "debian"],
    ["NAME", title],
    ["PRETTY_NAME", `${title} ${version}`],
    ["VERSION_ID", version],
    ["IMAGE_ID", name],
    ["IMAGE_VERSION", version],
    ["VARIANT_ID", profile.name],
    ["DEBIAN_CODENAME", suite],
  ];
  return lines.map(([key, value]) => `${key}=${/^[A-Za-z0-9._-]+$/.test(value) ? value : `"${value}"`}\n`).join("");
}
