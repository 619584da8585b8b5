// Messages for the person at the screen, over a real bus and by the real programs.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { notificationService } from "../../src/adapter/desktop/notification-service.ts";
import { Fault } from "../../src/base/fault.ts";
import { type Ended, holdfast } from "../e2e/run.ts";
import { DesktopBus, desktopTools, noDesktopBus } from "./desktop-bus.ts";

const skip = noDesktopBus;
const message = { summary: "-1 'Version' 2 \"is\" ready\\", body: "<b>It</b> & more\nReboot…", urgent: false };

test("a message comes as it was meant through busctl, and through gdbus", { skip }, async () => {
  await using bus = await DesktopBus.start();
  const env = { DBUS_SESSION_BUS_ADDRESS: bus.address };
  await assert.rejects(notificationService({ env }).announce(message), (error) => {
    return error instanceof Fault && error.code === "no-desktop" && /ServiceUnknown|not provided/.test(error.message);
  });
  await bus.serve();
  await notificationService({ env: { ...env, PATH: desktopTools.binFolder } }).announce(message);
  const withGdbus = { env: { ...env, PATH: desktopTools.binFolder }, programs: ["gdbus"] } as const;
  await notificationService(withGdbus).announce({ ...message, urgent: true });
  await bus.heard("int32 0");
  const text = [message.summary, "<b>It</b> & more Reboot…"];
  assert.deepEqual(bus.notified(), [
    ["Holdfast", "0", "system-software-update", ...text, "urgency", "1", "-1"],
    ["Holdfast", "0", "system-software-update", ...text, "urgency", "2", "0"],
  ]);
});

test("holdfast notify tells a person on the bus, once, and says so when nobody is there to tell", {
  skip,
}, async () => {
  await using bus = await DesktopBus.start();
  const root = join(bus.folder, "root");
  await mkdir(join(root, "run/holdfast"), { recursive: true });
  const notice = { id: "a", kind: "fell-back", version: "2", summary: "You are back on version 1", body: "It failed." };
  await writeFile(join(root, "run/holdfast/notice.json"), JSON.stringify({ format: 1, atMs: 1, notices: [notice] }));
  const env = { HOME: "/home/me", DBUS_SESSION_BUS_ADDRESS: bus.address };
  const notify = (): Promise<Ended> => holdfast(["notify", "--root", root], { env });
  const alone = await notify();
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /^holdfast: Cannot tell the desktop: /);
  await bus.serve();
  assert.equal((await notify()).stdout, "You are back on version 1. It failed.\n");
  assert.equal((await notify()).code, 3);
  await bus.heard('string "It failed."');
  assert.equal(bus.notified().filter((call) => call.includes(notice.summary)).length, 1);
});

test("a service that takes the body for markup gets it as text all the same", { skip }, async () => {
  await using bus = await DesktopBus.start();
  const log = join(bus.folder, "log");
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" >>'${log}'\necho 'as 2 "body" "body-markup"'\n`;
  await writeFile(join(bus.folder, "busctl"), script, { mode: 0o755 });
  await notificationService({ env: { PATH: bus.folder } }).announce(message);
  assert.match(await readFile(log, "utf8"), /^&lt;b&gt;It&lt;\/b&gt; &amp; more Reboot…$/m);
});
