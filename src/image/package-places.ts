// Where what is in packaging goes on a system: for the Debian package, and for images that Holdfast is a part of. What is not
// named here is for building.
const rules: readonly (readonly [pattern: RegExp, place: string])[] = [
  [/^systemd\/(.+)\.tmpfiles\.conf$/, "usr/lib/tmpfiles.d/$1.conf"],
  [/^systemd\/(.+)\.sysusers\.conf$/, "usr/lib/sysusers.d/$1.conf"],
  [/^systemd\/(.+\.preset)$/, "usr/lib/systemd/system-preset/$1"],
  [/^systemd-user\/(.+\.preset)$/, "usr/lib/systemd/user-preset/$1"],
  [/^systemd\/(.+\.(?:service|socket|timer|path|target|conf))$/, "usr/lib/systemd/system/$1"],
  [/^systemd-user\/(.+\.(?:service|socket|timer|path|target|conf))$/, "usr/lib/systemd/user/$1"],
  [/^varlink\/(.+\.(?:service|socket))$/, "usr/lib/systemd/system/$1"],
  [/^polkit\/(.+\.policy)$/, "usr/share/polkit-1/actions/$1"],
  [/^polkit\/(.+\.rules)$/, "usr/share/polkit-1/rules.d/$1"],
  [/^journal\/(.+\.catalog)$/, "usr/lib/systemd/catalog/$1"],
];

/** Of a path below packaging; without the leading slash. */
export function placeOf(path: string): string | undefined {
  for (const [pattern, place] of rules) if (pattern.test(path)) return path.replace(pattern, place);
  return undefined;
}

/** Where all of it goes, and how a file there that is ours is called. */
export const unitFolders: readonly string[] = [
  ...new Set(rules.map(([, place]) => place.slice(0, place.lastIndexOf("/")))),
];
export const ownFile: RegExp = /^(80-)?(org\.)?holdfast\b/;
