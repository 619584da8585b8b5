import assert from "node:assert/strict";
import { test } from "node:test";
import { type Caller, callerOfControlGroup, callerOfInstance, unknownCaller } from "./caller.ts";

test("the name of an instance says who connected, as systemd 252, 257 and 262 write it", () => {
  const named: Readonly<Record<string, Caller>> = {
    "0-1234-1000": { pid: 1234, uid: 1000 },
    "17-1-0": { pid: 1, uid: 0 },
    "3-8211-1234-1000": { pid: 1234, uid: 1000 },
    "3-8211-1234_5678-65534": { pid: 1234, uid: 65534 },
  };
  for (const [text, caller] of Object.entries(named)) assert.deepEqual(callerOfInstance(text), caller);
});

test("any other text is nobody that is known, least of all root", () => {
  for (const text of [
    "",
    "0",
    "0-unknown",
    "0-1-unknown",
    "0-0",
    "a-1-0",
    "0-1-0\n",
    "0--1-0",
    "0-1-0-",
    "0-1_2_3-0",
    "1-2-3-4-0",
    "0-1-0x0",
    "0-12345678901-0",
  ])
    assert.equal(callerOfInstance(text), unknownCaller, JSON.stringify(text));
});

test("a control group says it only where it is that of a unit for connections", () => {
  const slice = "0::/system.slice/system-systemd\\x2dsysupdate.slice";
  assert.deepEqual(callerOfControlGroup(`${slice}/systemd-sysupdate@4-77-1000.service\n`), { pid: 77, uid: 1000 });
  assert.equal(callerOfControlGroup(`${slice}/systemd-sysupdate@4-unknown.service\n`), unknownCaller);
  for (const text of [
    "",
    "0::/\n",
    "0::/user.slice/user-1000.slice/session-2.scope\n",
    "0::/system.slice/getty@tty1.service\n",
    "0::/user.slice/user@1000.service/app.slice/a.scope\n",
    "0::/system.slice/cron.service\n",
  ])
    assert.equal(callerOfControlGroup(text), undefined, text);
});
