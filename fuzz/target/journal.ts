// The journal as a torn write, an editor or an older Holdfast left it: the next line is recorded and read back.
import { deepEqual } from "node:assert/strict";
import { readJournal, record } from "../../src/agent/state/journal.ts";
import { memoryFile, sessionOf } from "../fixture/session.ts";
import type { Target } from "../target.ts";

const line = '{"atMs":1,"event":"update","version":"5","text":"done"}';

export const target: Target = {
  name: "journal",
  covers: ["src/agent/state/journal.ts", "src/wire/state.ts"],
  lengthMax: 1024,
  seeds: () => ["", `${line}\n`, `${line}\n${line.slice(0, 20)}`, `\n\n${line}\n[]\n{"atMs":-1}\n`],
  async run(bytes) {
    const file = memoryFile(bytes);
    const session = sessionOf({ file });
    const before = await readJournal(session);
    await record(session, "planned", undefined, "a line");
    deepEqual(await readJournal(session), [...before, { atMs: 5, event: "planned", text: "a line" }]);
  },
};
