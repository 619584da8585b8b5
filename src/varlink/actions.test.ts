import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { actions } from "./actions.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** Of each action in polkit's file: who is active at the screen, and everyone else. */
function defaults(): ReadonlyMap<string, readonly string[]> {
  const policy = read("packaging/polkit/org.holdfast.policy");
  const found = Array.from(policy.matchAll(/<action id="([^"]+)">(.*?)<\/action>/gs), ([, id = "", body = ""]) => {
    const value = (name: string): string => new RegExp(`<${name}>([a-z_]+)</${name}>`).exec(body)?.[1] ?? "";
    assert.equal(value("allow_any"), value("allow_inactive"), id);
    return [id, [value("allow_active"), value("allow_any")]] as const;
  });
  return new Map(found);
}

test("polkit's file has each action that is asked for, and no other", () => {
  assert.deepEqual(new Set(defaults().keys()), new Set(Object.values(actions)));
});

test("the page says what polkit's file says", () => {
  const words: Readonly<Record<string, string>> = { yes: "yes", auth_admin: "administrator" };
  const page = read("docs/varlink.md");
  for (const [id, who] of defaults()) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${id}\` |`)) ?? "";
    assert.ok(row.endsWith(`| ${who.map((word) => words[word]).join(" | ")} |`), `${id}: ${row}`);
  }
});

test("nobody but an administrator goes back, chooses a version, or overrules what failed", () => {
  const found = defaults();
  for (const action of ["rollback", "updateToVersion", "repair", "pin", "liftQuarantine"] as const)
    assert.deepEqual(found.get(actions[action]), ["auth_admin", "auth_admin"], action);
  assert.deepEqual(found.get(actions.update), ["yes", "auth_admin"]);
});
