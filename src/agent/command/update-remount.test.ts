import assert from "node:assert/strict";
import { test } from "node:test";
import type { Disk } from "../../port/disk.ts";
import type { Http } from "../../port/http.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { Session } from "../session.ts";
import { updateMachine } from "./update.ts";

/** A machine whose ESP goes and is mounted again while something is downloaded: all its files have new stamps then. */
function remounting({ machine, ...session }: Session): Session {
  let mounts = 0;
  const { disk, http } = machine;
  const stat: Disk["stat"] = async (path) => {
    const found = await disk.stat(path);
    return found === undefined || !path.startsWith("/efi/") ? found : { ...found, stamp: `${mounts} ${found.stamp}` };
  };
  const request: Http["request"] = async (...args) => {
    if (args[0].url.endsWith(".img")) mounts++;
    return http.request(...args);
  };
  const wrapped = new Proxy(disk, {
    get(target, key) {
      if (key === "stat") return stat;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...session, machine: { ...machine, disk: wrapped, http: { request } } };
}

test("an ESP that is mounted anew during the download makes nothing look unproven", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const report = await updateMachine(remounting(sessionOn(world).session));
  assert.deepEqual([report.outcome, report.to, report.notices], ["done", "2", []]);
});
