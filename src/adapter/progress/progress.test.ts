import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Progress, ProgressEvent } from "../../port/progress.ts";
import { bytesText, durationText } from "./amounts.ts";
import { jsonProgress, lineProgress, silentProgress, teeProgress, ttyProgress } from "./progress.ts";

const mebi = 1024 * 1024;

class Recorder {
  text = "";
  columns = 120;
  write(text: string): void {
    this.text += text;
  }
}

/** A step of 100 MiB at 1 MiB every 100 ms, as events with their times. */
function* download(): Generator<readonly [number, ProgressEvent]> {
  yield [0, { kind: "step", index: 2, count: 5, title: "Download os_2.erofs", totalBytes: 100 * mebi }];
  for (let index = 0; index <= 100; index += 1)
    yield [index * 100, { kind: "bytes", done: index * mebi, total: 100 * mebi }];
  yield [10_000, { kind: "warning", text: "slow \u001b[2Jserver" }];
  yield [10_100, { kind: "step-done", index: 2, count: 5, title: "Download os_2.erofs" }];
}

function play(make: (nowMs: () => number) => Progress): void {
  let now = 0;
  const progress = make(() => now);
  for (const [at, event] of download()) {
    now = at;
    progress.report(event);
  }
}

test("amounts are short and exact enough", () => {
  assert.deepEqual([0, 999, 1000, 1536, 102_400, 1023 * 1024, 5 * mebi, 4e9].map(bytesText), [
    "0 B",
    "999 B",
    "1.0 KiB",
    "1.5 KiB",
    "100 KiB",
    "1.0 MiB",
    "5.0 MiB",
    "3.7 GiB",
  ]);
  assert.deepEqual([400, 9000, 245_000, 7_400_000].map(durationText), ["0 s", "9 s", "4 min 05 s", "2 h 03 min"]);
});

test("lines: one a step, one every five seconds, nothing that moves the cursor", () => {
  const stream = new Recorder();
  play((nowMs) => lineProgress(stream, nowMs));
  assert.deepEqual(stream.text.split("\n"), [
    "[2/5] Download os_2.erofs (100 MiB)",
    "  50.0 MiB of 100 MiB (50%), 10.0 MiB/s, 5 s left",
    "  100 MiB of 100 MiB (100%), 10.0 MiB/s, 0 s left",
    "  warning: slow ?[2Jserver",
    "",
  ]);
});

test("a terminal has bar, bytes, rate and time left, no wider than it is, at most ten times a second", () => {
  const stream = new Recorder();
  play((nowMs) => ttyProgress(stream, { nowMs }));
  const drawn = stream.text.split("\r\u001b[K");
  assert.ok(
    drawn.includes(
      "[2/5] Download os_2.erofs  ████████████░░░░░░░░░░░░  50.0 MiB of 100 MiB (50%), 10.0 MiB/s, 5 s left",
    ),
  );
  assert.ok(drawn.every((line) => line.length <= 120));
  const narrow = Object.assign(new Recorder(), { columns: 60 });
  play((nowMs) => ttyProgress(narrow, { nowMs }));
  const short = narrow.text.split("\r\u001b[K");
  assert.ok(short.includes("[2/5] Download os_2.erofs  50.0 MiB of 100 MiB (50%), 10.0 MiB/s, 5 s left".slice(0, 59)));
  assert.ok(short.every((line) => line.length <= 60));
  assert.ok(drawn.length <= 110);
  assert.equal(drawn.at(-1), "✓ Download os_2.erofs (100 MiB in 10 s)\n");
  const painted = new Recorder();
  play((nowMs) => ttyProgress(painted, { nowMs, colour: true }));
  assert.ok(painted.text.includes("\u001b[32m✓\u001b[0m Download"));
});

test("JSON Lines carry the events, bytes at most ten times a second and always the last", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-progress-"));
  try {
    const fd = openSync(join(folder, "log"), "w");
    let now = 0;
    const progress = jsonProgress(fd, () => now);
    progress.report({ kind: "step", index: 1, count: 1, title: "x" });
    for (let done = 0; done <= 1000; done += 1) {
      now = done / 5;
      progress.report({ kind: "bytes", done, total: 1000 });
    }
    progress.report({ kind: "note", text: "two\nlines" });
    closeSync(fd);
    const events = readFileSync(join(folder, "log"), "utf8")
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    assert.deepEqual(events, [
      { kind: "step", index: 1, count: 1, title: "x" },
      { kind: "bytes", done: 0, total: 1000 },
      { kind: "bytes", done: 500, total: 1000 },
      { kind: "bytes", done: 1000, total: 1000 },
      { kind: "note", text: "two\nlines" },
    ]);
    // The descriptor is closed now: nobody listens, and nothing fails.
    progress.report({ kind: "note", text: "unheard" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what a resumed download had already is not counted as speed, and two listeners hear the same", () => {
  const [one, two] = [new Recorder(), new Recorder()];
  let now = 0;
  const progress = teeProgress(
    lineProgress(one, () => now),
    silentProgress,
    lineProgress(two, () => now),
  );
  progress.report({ kind: "step", index: 1, count: 1, title: "Download", totalBytes: 100 * mebi });
  progress.report({ kind: "bytes", done: 90 * mebi, total: 100 * mebi });
  now = 5000;
  progress.report({ kind: "bytes", done: 95 * mebi, total: 100 * mebi });
  assert.equal(one.text.split("\n")[1], "  95.0 MiB of 100 MiB (95%), 1.0 MiB/s, 5 s left");
  assert.equal(one.text, two.text);
});
