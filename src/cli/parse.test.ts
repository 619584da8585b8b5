import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import {
  componentArgument,
  descriptorArgument,
  pathArgument,
  rateArgument,
  secondsArgument,
  untilArgument,
  versionArgument,
} from "./parse.ts";

const nowMs = Date.UTC(2026, 2, 14, 15, 9);

function refused(parse: () => unknown): string {
  try {
    parse();
  } catch (thrown) {
    assert.ok(thrown instanceof Fault);
    assert.equal(thrown.kind, "usage");
    return thrown.message;
  }
  return assert.fail("it was accepted");
}

test("rates are bytes a second in powers of 1024", () => {
  assert.deepEqual(
    ["2M", "500K", "1.5m", "2MiB/s", "10", "1G"].map(rateArgument),
    [2_097_152, 512_000, 1_572_864, 2_097_152, 10, 1_073_741_824],
  );
});

test("what is no rate is refused", () => {
  for (const text of ["", "M", "-1", "0", "2X", "1e9", "2 M M"]) {
    assert.equal(
      refused(() => rateArgument(text)),
      `Cannot read ${JSON.stringify(text)} as a rate`,
    );
  }
});

test("waiting is told in whole seconds, a week at most", () => {
  assert.deepEqual(["0", "30", "604800"].map(secondsArgument), [0, 30_000, 604_800_000]);
  for (const text of ["", "-1", "1.5", "604801"]) refused(() => secondsArgument(text));
});

test("descriptors are numbers from 1", () => {
  assert.equal(descriptorArgument("3"), 3);
  for (const text of ["0", "x", ""]) refused(() => descriptorArgument(text));
});

test("components are names without slashes", () => {
  assert.equal(componentArgument("my-app.2"), "my-app.2");
  for (const text of ["", "a/b", "..", ".hidden"]) refused(() => componentArgument(text));
});

test("paths are not empty and hold no NUL", () => {
  assert.equal(pathArgument("a/b"), "a/b");
  for (const text of ["", "a\u0000b"]) refused(() => pathArgument(text));
});

test("versions have the characters that versions have", () => {
  assert.equal(versionArgument("24.2~rc1"), "24.2~rc1");
  refused(() => versionArgument("24/2"));
});

test("a hold ends after a length of time or at a date", () => {
  const hour = 3_600_000;
  assert.equal(untilArgument("30m", nowMs), nowMs + hour / 2);
  assert.equal(untilArgument("12h", nowMs), nowMs + 12 * hour);
  assert.equal(untilArgument("7d", nowMs), nowMs + 7 * 24 * hour);
  assert.equal(untilArgument("2w", nowMs), nowMs + 14 * 24 * hour);
  assert.equal(untilArgument("2031-01-31T12:30Z", nowMs), Date.UTC(2031, 0, 31, 12, 30));
  assert.equal(untilArgument("2031-01-31", nowMs), new Date(2031, 0, 31).getTime());
});

test("a hold that ends in the past, or never, is refused", () => {
  assert.equal(
    refused(() => untilArgument("2020-01-01", nowMs)),
    "Cannot hold updates until 2020-01-01: that is in the past",
  );
  for (const text of ["", "tomorrow", "2031-02-30", "2031-13-01", "2031-01-01T25:00", "7y", "99999999d"]) {
    refused(() => untilArgument(text, nowMs));
  }
});
