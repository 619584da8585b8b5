import assert from "node:assert/strict";
import { test } from "node:test";
import { journalEvents } from "../domain/journal-events.ts";
import { fieldsOf, journalFields } from "./journal-fields.ts";

test("a refusal says its promise, its code and what the command ends with", () => {
  const fields = fieldsOf({
    event: "refused",
    text: "update: Cannot update: the way back, version 1, is not proven intact",
    command: "update",
    exitCode: 4,
    code: "way-back-unproven",
    hint: "Run holdfast doctor --repair.",
  });
  assert.deepEqual(fields, [
    "MESSAGE=update: Cannot update: the way back, version 1, is not proven intact",
    `MESSAGE_ID=${journalEvents.refused.messageId}`,
    "PRIORITY=4",
    "SYSLOG_IDENTIFIER=holdfast",
    "HOLDFAST_EVENT=refused",
    "HOLDFAST_COMMAND=update",
    "HOLDFAST_EXIT_CODE=4",
    "HOLDFAST_CODE=way-back-unproven",
    "HOLDFAST_PROMISE=P4",
    "HOLDFAST_HINT=Run holdfast doctor --repair.",
  ]);
});

test("no value can begin another field, and each is bounded", () => {
  const fields = fieldsOf({
    event: "quarantined",
    version: "2",
    text: "one\nMESSAGE_ID=0\u0000\u001b[2J",
    details: ["x".repeat(10_000), "a\r\nb"],
  });
  assert.equal(fields[0], "MESSAGE=one MESSAGE_ID=0 [2J");
  assert.deepEqual(
    fields.filter((field) => field.startsWith("HOLDFAST_DETAIL=")),
    [`HOLDFAST_DETAIL=${"x".repeat(4000)}`, "HOLDFAST_DETAIL=a b"],
  );
  for (const field of fields) assert.match(field, /^[A-Z_]+=[^\n\0]*$/);
});

test("ids are 128 bits, and no two events or fields share one", () => {
  const ids = Object.values(journalEvents).map(({ messageId }) => messageId);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(new Set(ids).size, ids.length);
  const names = journalFields.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});
