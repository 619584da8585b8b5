// P11, looked at from outside: what belongs to someone else is as it was, at any moment.
import type { SimWorld } from "../machine.ts";
import type { Truth } from "./truth.ts";

export function foreignFilesUntouched({ foreign }: Truth, world: SimWorld): readonly string[] {
  return [...foreign].flatMap(([path, content]) => {
    const found = world.tree.peek(path, "medium");
    if (found !== undefined && found !== "unreadable" && found.equals(content)) return [];
    return [`P11: ${path} belongs to someone else, and was changed`];
  });
}
