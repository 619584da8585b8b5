import assert from "node:assert/strict";
import { test } from "node:test";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { readOsRelease, readSpecifiers } from "./identity.ts";

const osRelease = 'ID=demo\nIMAGE_ID=kiosk\nIMAGE_VERSION=7\nBUILD_ID=b1\nVERSION_ID="13"\nVARIANT_ID=shop\n';

test("every specifier has its value", async () => {
  const world = bareWorld({
    "/etc/os-release": osRelease,
    "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
  });
  assert.deepEqual(await readSpecifiers(sessionOn(world).session), {
    a: "x86-64",
    A: "7",
    b: "00000001000040008000000000000000",
    B: "b1",
    H: "simulated",
    l: "simulated",
    q: "simulated",
    m: "0123456789abcdef0123456789abcdef",
    M: "kiosk",
    o: "demo",
    v: "6.12.0-simulated",
    w: "13",
    W: "shop",
    T: "/tmp",
    V: "/var/tmp",
  });
});

test("a machine that is switched off says nothing of the one that looks at it", async () => {
  const world = bareWorld({ "/etc/hostname": "kiosk.example\nmore\n", "/etc/machine-id": "\n" });
  assert.deepEqual(await readSpecifiers(sessionOn(world, { live: false }).session), {
    a: "x86-64",
    H: "kiosk.example",
    l: "kiosk",
    q: "kiosk.example",
    T: "/tmp",
    V: "/var/tmp",
  });
});

test("os-release is looked for in /etc, then in /usr/lib", async () => {
  const both = bareWorld({ "/etc/os-release": "IMAGE_VERSION=2\n", "/usr/lib/os-release": "IMAGE_VERSION=1\n" });
  assert.equal((await readOsRelease(sessionOn(both).session))?.imageVersion, "2");
  const linked = bareWorld({
    "/etc/os-release": "->../usr/lib/os-release",
    "/usr/lib/os-release": "IMAGE_VERSION=1\n",
  });
  assert.equal((await readOsRelease(sessionOn(linked).session))?.imageVersion, "1");
  const dangling = bareWorld({ "/etc/os-release": "->../gone", "/usr/lib/os-release": "IMAGE_VERSION=1\n" });
  assert.equal((await readOsRelease(sessionOn(dangling).session))?.imageVersion, "1");
  assert.equal(await readOsRelease(sessionOn(bareWorld()).session), undefined);
});
