import assert from "node:assert/strict";
import { test } from "node:test";
import { Content } from "../../sim/disk/content.ts";
import { repair } from "../../sim/scenario/commands.ts";
import { entryPath, imagePath, sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "../command/update.ts";

const newEntry = entryPath("os_2+3-0.efi");

test("a disk that returns other bytes than were written to it stops the update before its entry appears", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const run = sessionOn(world);
  let renamed = false;
  run.gate.beforeCall = ({ name, subject }) => {
    if (name === "rename" && subject.includes(".holdfast-")) renamed = true;
    // The first read after the image got its name: the medium has lost a bit of it meanwhile.
    if (!renamed || name !== "open" || subject !== imagePath("2")) return;
    run.gate.beforeCall = undefined;
    world.tree.corrupt(imagePath("2"), 5);
  };
  await assert.rejects(updateMachine(run.session), { code: "read-back-differs" });
  assert.ok(renamed);
  assert.equal(await run.session.machine.disk.stat(newEntry), undefined);
  const again = sessionOn(world);
  const report = await updateMachine(again.session);
  assert.equal(report.outcome, "done");
});

test("on FAT, a file that took the name of the new entry meanwhile goes first, and is not renamed over", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const run = sessionOn(world);
  const calls: string[] = [];
  run.gate.beforeCall = ({ name, subject }) => {
    if (!subject.startsWith("/efi/EFI/Linux/")) return;
    // Nobody looks again between this and the rename.
    if (name === "stat" && subject === newEntry && calls.length === 0) {
      world.tree.plant(newEntry, Content.text("junk"));
      calls.push("planted");
    } else if (calls.length > 0 && ["remove", "rename", "replace"].includes(name)) calls.push(name);
  };
  const report = await updateMachine(run.session);
  assert.equal(report.outcome, "done");
  assert.deepEqual(calls, ["planted", "remove", "rename"]);
});

test("an entry that the medium keeps with other bytes never has its name", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const rot = {
    port: "disk",
    name: "sync",
    subject: "/efi/EFI/Linux/.holdfast-*",
    times: 9,
    code: "io-error",
  } as const;
  const run = sessionOn(world, {}, [{ ...rot, instead: "rot" }]);
  const renamed: string[] = [];
  run.gate.beforeCall = ({ name, subject }) => {
    if (name === "rename" && subject.startsWith("/efi/")) renamed.push(subject);
  };
  await assert.rejects(updateMachine(run.session), { code: "read-back-differs" });
  assert.deepEqual(renamed, []);
  assert.equal(world.tree.peek(newEntry), undefined);
  assert.equal((await updateMachine(sessionOn(world).session)).outcome, "done");
});

test("an entry whose name may not be durable is taken away again: nothing that failed is left to be started", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  for (const fault of [
    { name: "open", subject: newEntry, code: "no-permission" },
    { name: "sync", subject: newEntry, code: "io-error" },
    { name: "syncFolder", subject: "/efi/EFI/Linux", after: 1, code: "io-error" },
  ]) {
    const now = world.fork();
    await assert.rejects(updateMachine(sessionOn(now, {}, [fault]).session), { code: fault.code });
    assert.equal(now.tree.peek(newEntry), undefined);
    assert.equal((await updateMachine(sessionOn(now).session)).outcome, "done");
  }
});

test("one wrong reading of a version that is whole does not have it mended", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  for (const subject of [entryPath("os_1.efi"), imagePath("1")]) {
    const fault = { port: "disk", name: "read", subject, after: 1, code: "io-error", instead: "wrong-byte" } as const;
    const now = world.fork();
    const run = sessionOn(now, {}, [fault]);
    const changed: string[] = [];
    run.gate.beforeCall = ({ changes, subject: about }) => {
      if (changes && about === subject) changed.push(about);
    };
    assert.equal((await updateMachine(run.session)).outcome, "done");
    assert.deepEqual(changed, []);
  }
});

test("an empty image is not adopted as the way back, not even of the version that runs", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2"], offered: ["1", "3"] });
  world.tree.plant(imagePath("2"), Content.empty);
  await assert.rejects(updateMachine(sessionOn(world).session), { code: "way-back-unproven" });
  assert.equal(world.tree.peek(entryPath("os_3+3-0.efi")), undefined);
});

test("one wrong reading of the way back does not refuse the update where nobody offers that version any more", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  await repair(world.run().machine);
  world.serve(sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["2"] }).world.servers);
  const subject = imagePath("1");
  const run = sessionOn(world, {}, [{ port: "disk", name: "read", subject, code: "io-error", instead: "wrong-byte" }]);
  assert.equal((await updateMachine(run.session)).outcome, "done");
});

test("an entry that turns bad behind its rename is taken away again before the update gives up", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const run = sessionOn(world);
  let renamed = false;
  run.gate.beforeCall = ({ name, subject }) => {
    if (name === "rename" && subject.startsWith("/efi/")) renamed = true;
    else if (renamed && name === "syncFolder" && subject === "/efi/EFI/Linux") {
      run.gate.beforeCall = undefined;
      world.tree.corrupt(newEntry, 5_000);
    }
  };
  await assert.rejects(updateMachine(run.session), { code: "read-back-differs" });
  assert.equal(world.tree.peek(newEntry), undefined);
});
