// P9, looked at from outside: whatever has a final name has bytes that were published under it, at any moment.
import type { SimWorld } from "../machine.ts";
import { flawOf, nameOf, type Part, type Truth } from "./truth.ts";

/**
 * Names whose bytes nobody published. What cannot be read at all is none of them: a removal that FAT was cut off in. Nor
 * is a name on FAT without any bytes: a rename that was cut off; where an entry needs it, P1 speaks.
 */
export function unpublished(truth: Truth, world: SimWorld): ReadonlySet<string> {
  const whole = new Map<string, boolean>();
  for (const { parts } of truth.builds) {
    for (const part of parts) {
      const name = nameOf(part);
      if (whole.get(name) === true || isCutOff(world, part)) continue;
      whole.set(name, flawOf(world, part) !== "damaged");
    }
  }
  return new Set([...whole].flatMap(([name, isWhole]) => (isWhole ? [] : [name])));
}

/** `spared`: names that were wrong before anything began, and may stay so until they are mended. */
export function onlyProvenBytes(truth: Truth, world: SimWorld, spared: ReadonlySet<string>): readonly string[] {
  return [...unpublished(truth, world)]
    .filter((name) => !spared.has(name))
    .map((name) => `P9: ${name} has bytes that nobody published`);
}

function isCutOff({ tree }: SimWorld, part: Part): boolean {
  if (part.kind !== "file") return false;
  const found = tree.peek(part.path, "medium");
  return found === "unreadable" || (found?.sizeBytes === 0 && tree.volume(part.path).settings.type === "vfat");
}
