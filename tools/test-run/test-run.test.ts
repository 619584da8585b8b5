import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { translate } from "./events.ts";
import { runPhase } from "./phase.ts";
import { exitCode, lastLine, type Tally, totals } from "./tally.ts";

/** Runs the texts as test files and returns the counts and what was printed. */
async function outcome(together: boolean, ...texts: readonly string[]) {
  const root = await mkdtemp(join(tmpdir(), "holdfast-test-run-"));
  try {
    const files: string[] = [];
    for (const [index, text] of texts.entries()) {
      files.push(join(root, `part-${index}.test.mjs`));
      await writeFile(files.at(-1) ?? "", `import { test, describe } from "node:test";\n${text}\n`);
    }
    const printed: string[] = [];
    const { NODE_TEST_CONTEXT: _inherited, ...environment } = process.env;
    const phase = { name: "part", files, together };
    const tally = await runPhase(phase, { root, environment, print: (line) => printed.push(line) });
    return { line: lastLine(tally), printed: printed.join("\n") };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const mixed = `
describe("a suite", () => { test("one", () => {}); test("two", () => {}); });
test("wrong", () => { throw new Error("on purpose"); });
test("later", { skip: "no loop device" }, () => {});
`;

for (const together of [true, false]) {
  const where = together ? "one process" : "a process each";

  test(`tests are counted, suites and files are not (${where})`, async () => {
    const { line, printed } = await outcome(together, mixed, 'test("three", () => {});');
    assert.equal(line, "3 passed, 1 failed, 1 skipped");
    assert.match(printed, /^FAIL wrong \(part-0\.test\.mjs:\d+\)\n {2}Error: on purpose$/m);
    assert.match(printed, /^skip later \(part-0\.test\.mjs\): no loop device$/m);
  });

  test(`a file that does not load is a failure (${where})`, async () => {
    const { line } = await outcome(together, 'throw new Error("broken");', 'test("one", () => {});');
    assert.match(line, / 1 failed, /);
  });

  test(`a test that ends the process is a failure (${where})`, async () => {
    const { line } = await outcome(together, 'test("one", () => {}); test("two", () => process.exit(0));');
    assert.match(line, / 1 failed, /);
  });

  test(`a file without tests counts as nothing (${where})`, async () => {
    const { line } = await outcome(together, "");
    assert.equal(line, "0 passed, 0 failed, 0 skipped");
  });
}

test("a skipped test without a reason says so, and a test to do counts as skipped", () => {
  const data = { name: "a", file: "/x/b.ts", details: { type: "test" } };
  assert.deepEqual(translate("test:pass", { ...data, skip: true }), {
    kind: "skipped",
    name: "a",
    file: "/x/b.ts",
    why: "no reason given",
  });
  assert.equal(translate("test:pass", { ...data, todo: true })?.kind, "skipped");
  assert.equal(translate("test:pass", data)?.kind, "passed");
  assert.equal(translate("test:diagnostic", data), undefined);
});

test("a run fails when a test failed, when nothing passed, and when a skip is not allowed", () => {
  const good: Tally = { passed: 2, failed: 0, skipped: 0 };
  for (const [tally, strict, code] of [
    [good, true, 0],
    [{ ...good, failed: 1 }, false, 1],
    [{ ...good, skipped: 1 }, false, 0],
    [{ ...good, skipped: 1 }, true, 1],
    [{ passed: 0, failed: 0, skipped: 0 }, false, 1],
  ] as const)
    assert.equal(exitCode(tally, strict), code);
  assert.equal(lastLine(totals([good, { passed: 1, failed: 2, skipped: 3 }])), "3 passed, 2 failed, 3 skipped");
});
