import assert from "node:assert/strict";
import { test } from "node:test";
import { SimCrash } from "./call-gate.ts";
import { simMachine, type SimWorldOptions } from "./machine.ts";
import { SimServer } from "./http/sim-server.ts";

const options: SimWorldOptions = {
  seed: 5,
  fileSystems: [{ mountPoint: "/", type: "ext4", sizeBytes: 1e8 }],
  servers: [new SimServer("http://updates.example")],
};

test("one seed gives one machine: chance, time and file stamps repeat", async () => {
  const look = async (): Promise<unknown> => {
    const { machine } = simMachine(options);
    await machine.disk.makeFolder("/a");
    return [machine.entropy.bytes(8), machine.clock.nowMs(), await machine.disk.stat("/a")];
  };
  assert.deepEqual(await look(), await look());
});

test("a crash ends everything the process tries afterwards, through every port", async () => {
  const { machine, gate } = simMachine(options);
  gate.beforeCall = (call): void => {
    if (call.name === "makeFolder") throw new SimCrash(call);
  };
  await assert.rejects(machine.disk.makeFolder("/a"), SimCrash);
  await assert.rejects(machine.disk.list("/"), SimCrash);
  await assert.rejects(machine.loader.read("LoaderInfo"), SimCrash);
  await assert.rejects(machine.http.request({ url: "http://updates.example/", method: "GET", maxBytes: 1 }), SimCrash);
  await assert.rejects(machine.volumes.rootDisk(), SimCrash);
});

test("after a crash the clock goes on, the boot is another, variables stay and locks are free", async () => {
  const { machine, world } = simMachine(options);
  await machine.lock.acquire("/lock", "update", 0);
  await machine.loader.write("LoaderEntryDefault", "os_1.efi");
  await assert.rejects(world.run().machine.lock.acquire("/lock", "vacuum", 0), { code: "busy" });
  const after = world.afterCrash([]);
  const next = after.run().machine;
  await next.lock.acquire("/lock", "vacuum", 0);
  assert.equal(await next.loader.read("LoaderEntryDefault"), "os_1.efi");
  assert.notEqual(await next.process.bootId(), await machine.process.bootId());
  assert.ok(next.clock.nowMs() >= machine.clock.nowMs());
});

test("a fork shares nothing that changes", async () => {
  const { machine, world } = simMachine(options);
  const copy = world.fork();
  const before = [copy.key(), copy.clock.nowMs()];
  await machine.disk.makeFolder("/a");
  await machine.loader.write("LoaderEntryDefault", "x");
  await machine.http.request({ url: "http://updates.example/x", method: "GET", maxBytes: 99 });
  await machine.clock.sleep(1000);
  assert.deepEqual([copy.key(), copy.clock.nowMs()], before);
  assert.deepEqual(copy.servers[0]?.requests, []);
});

test("a planned fault fails its call of its port", async () => {
  const { machine } = simMachine(options, [{ port: "disk", name: "makeFolder", code: "no-space" }]);
  await assert.rejects(machine.disk.makeFolder("/a"), { code: "no-space" });
  await machine.disk.makeFolder("/a");
});
