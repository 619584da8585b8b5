import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../base/ids.ts";
import { Content } from "../../sim/disk/content.ts";
import { bareWorld, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { readJournal, record } from "./journal.ts";

const path = "/var/lib/holdfast/journal.jsonl";
const line = (text: string): string => JSON.stringify({ atMs: 1, event: "done", text });

async function texts(files: Readonly<Record<string, string | Uint8Array | Content>>): Promise<readonly string[]> {
  return (await readJournal(sessionOn(bareWorld(files)).session)).map(({ text }) => text);
}

test("what is recorded is read again, oldest first, and survives a crash", async () => {
  const world = bareWorld();
  const { session, machine } = sessionOn(world);
  const first = machine.clock.nowMs();
  await record(session, "planned", parseVersion("2"), "Update to 2");
  await record(session, "failed", undefined, "It did not work");
  assert.deepEqual(undecided(world), []);
  const [one, two, ...rest] = await readJournal(session);
  assert.deepEqual(rest, []);
  assert.deepEqual(one, { atMs: one?.atMs, event: "planned", version: "2", text: "Update to 2" });
  assert.deepEqual(two, { atMs: two?.atMs, event: "failed", text: "It did not work" });
  assert.ok((one?.atMs ?? 0) >= first && (two?.atMs ?? 0) >= (one?.atMs ?? 0));
});

test("lines that are none are left out: torn, edited, of other bytes", async () => {
  assert.deepEqual(await texts({}), []);
  assert.deepEqual(await texts({ [path]: `${line("a")}\nnonsense\n{"atMs":1}\n\n${line("b")}\n{"atMs":2,"ev` }), [
    "a",
    "b",
  ]);
  assert.deepEqual(await texts({ [path]: Uint8Array.of(0xff, 0x0a, ...new TextEncoder().encode(line("a"))) }), ["a"]);
});

test("a torn last line does not swallow the next", async () => {
  const { session } = sessionOn(bareWorld({ [path]: `${line("a")}\n{"atMs":2,"ev` }));
  await record(session, "updated", undefined, "b");
  assert.deepEqual(
    (await readJournal(session)).map(({ text }) => text),
    ["a", "b"],
  );
});

test("a journal that has grown too long loses its older half", async () => {
  const old = Array.from({ length: 30_000 }, (_, index) => line(`line ${index}`)).join("\n");
  const world = bareWorld({ [path]: `${old}\n` });
  const { session } = sessionOn(world);
  await record(session, "updated", undefined, "new");
  const left = await readJournal(session);
  assert.equal(left.at(-1)?.text, "new");
  assert.equal(left.at(-2)?.text, "line 29999");
  const content = world.tree.peek(path);
  assert.ok(content instanceof Content && content.sizeBytes < 600_000 && left.length > 10_000);
});

test("a journal far too large is not read, and the next line brings it back to size", async () => {
  const { session } = sessionOn(bareWorld({ [path]: Content.pattern(1, 5_000_000) }));
  assert.deepEqual(await readJournal(session), []);
  await record(session, "updated", undefined, "new");
  assert.deepEqual(
    (await readJournal(session)).map(({ text }) => text),
    ["new"],
  );
});

test("a journal that cannot be written stops nothing, and is warned about", async () => {
  for (const code of ["no-space", "read-only", "io-error"]) {
    const { session, progress } = sessionOn(bareWorld({ [path]: "" }), {}, [{ name: "write", code }]);
    await record(session, "updated", undefined, "a");
    assert.deepEqual(
      progress.events.map(({ kind }) => kind),
      ["warning"],
      code,
    );
  }
});
