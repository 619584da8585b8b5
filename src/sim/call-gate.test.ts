import assert from "node:assert/strict";
import { test } from "node:test";
import { CallGate, SimCrash } from "./call-gate.ts";
import { FaultPlan } from "./fault-plan.ts";

test("calls are counted over all ports, and the n-th can be made to fail", () => {
  const gate = new CallGate(new FaultPlan([{ call: 2, code: "io-error" }]));
  const outcomes = ["a", "b", "c"].map((subject) => gate.enter("disk", "write", subject, true)?.code);
  assert.deepEqual(outcomes, [undefined, "io-error", undefined]);
  assert.equal(gate.calls, 3);
});

test("a planned fault picks its calls by port, name and subject, lets some pass, and ends", () => {
  const plan = new FaultPlan([{ port: "disk", name: "write", subject: "/a/*", after: 1, times: 2, code: "no-space" }]);
  const gate = new CallGate(plan);
  const codes = ["/a/1", "/b/1", "/a/2", "/a/3", "/a/4"].map((path) => gate.enter("disk", "write", path, true)?.code);
  assert.deepEqual(codes, [undefined, undefined, "no-space", "no-space", undefined]);
  assert.equal(gate.enter("http", "write", "/a/1", true), undefined);
});

test("after a crash every call throws it again", () => {
  const gate = new CallGate();
  gate.beforeCall = (call): void => {
    if (call.number === 2) throw new SimCrash(call);
  };
  gate.enter("disk", "write", "/a", true);
  assert.throws(() => gate.enter("disk", "write", "/b", true), SimCrash);
  gate.beforeCall = undefined;
  assert.throws(() => gate.enter("disk", "list", "/", false), /before call 2: write \/b/);
  assert.equal(gate.calls, 1);
});
