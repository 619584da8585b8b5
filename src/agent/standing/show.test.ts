import assert from "node:assert/strict";
import { test } from "node:test";
import type { News } from "../../domain/news.ts";
import { Fault } from "../../base/fault.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { StatusReport } from "../../wire/reports.ts";
import { checkReport } from "../command/check.ts";
import { statusReport } from "../command/status.ts";
import { updateMachine } from "../command/update.ts";
import { notifyPerson } from "./notify.ts";
import { noticePath, showStanding } from "./show.ts";

const motd = "/run/motd.d/50-holdfast";
const issue = "/run/issue.d/50-holdfast.issue";
const folder = "/var/lib/prometheus/node-exporter";
const metricsFile = `${folder}/holdfast.prom`;
const told = "/srv/ada/.local/state/holdfast/told.json";

const fellBack = { version: "2", to: "1", atMs: 7, evidence: "check", text: "a check\u001b failed\\", details: [] };

function textOf(world: SimWorld, path: string): string | undefined {
  const content = world.tree.peek(path);
  return content === undefined || content === "unreadable" ? undefined : new TextDecoder().decode(content.bytes());
}

async function show(world: SimWorld, more: Partial<StatusReport> = {}, news: readonly News[] = []): Promise<void> {
  const { session } = sessionOn(world);
  const status = { ...(await statusReport(session)), ...more };
  await showStanding(session, async () => status, news);
}

const twoVersions = (): SimWorld =>
  sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] }).world;

test("a reboot that is due is said at the login, and no longer once it is over", async () => {
  const world = twoVersions();
  await show(world);
  assert.equal(textOf(world, motd), undefined);
  await updateMachine(sessionOn(world).session);
  await show(world);
  const line = "Version 2 is ready. It starts with the next boot. Reboot when it suits you.\n";
  assert.deepEqual([textOf(world, motd), textOf(world, issue)], [line, line]);
  const before = await statusReport(sessionOn(world).session);
  await show(world, { versions: before.versions.map((item) => ({ ...item, running: item.version === "2" })) });
  assert.deepEqual([textOf(world, motd), textOf(world, issue)], [undefined, undefined]);
});

test("a version that was given up is said with its reason, and nothing in it moves the cursor", async () => {
  const world = twoVersions();
  await show(world, { fellBack });
  assert.equal(
    textOf(world, motd),
    "You are back on version 1. Version 2 was given up: a check? failed?. It is not tried again until a newer one " +
      "comes, or somebody lifts its quarantine.\n",
  );
});

test("what is told to the desktop changes only with what there is to tell, and each thing is told once", async () => {
  const world = twoVersions();
  const { session } = sessionOn(world);
  await checkReport(session);
  await show(world);
  const first = textOf(world, noticePath);
  assert.match(first ?? "", /"available 2"/);
  world.clock.pass(60_000);
  await show(world);
  assert.equal(textOf(world, noticePath), first);

  const heard: string[] = [];
  const desktop = { announce: async ({ summary }: { summary: string }) => void heard.push(summary) };
  assert.equal((await notifyPerson(session, desktop, told)).told.length, 1);
  assert.deepEqual(await notifyPerson(session, desktop, told), { told: [], toldBefore: 1 });
  await updateMachine(session);
  await show(world, { fellBack });
  await assert.rejects(
    notifyPerson(session, { announce: async () => Promise.reject(new Fault("no-desktop", "Cannot tell")) }, told),
  );
  await notifyPerson(session, desktop, told);
  assert.deepEqual(heard, ["Version 2 is available", "You are back on version 1", "Version 2 is ready"]);
  // Another failure of the same version is news again.
  await show(world, { fellBack: { ...fellBack, atMs: 8 } });
  await notifyPerson(session, desktop, told);
  assert.deepEqual(heard.slice(3), ["You are back on version 1"]);
});

test("a version on offer that was passed over is not offered to the desktop, and is counted", async () => {
  const world = twoVersions();
  world.tree.plant(`${folder}/other.prom`, "");
  await checkReport(sessionOn(world).session);
  const record = { format: 1, version: "2", atMs: 1, evidence: "panic", text: "it panicked" };
  world.tree.plant("/var/lib/holdfast/quarantine/2.json", JSON.stringify(record));
  await show(world);
  assert.match(textOf(world, noticePath) ?? "", /"notices":\[\]/);
  assert.match(textOf(world, metricsFile) ?? "", /^holdfast_version_quarantined\{version="2",evidence="panic"\} 1$/m);
});

test("a notice file of other bytes is nothing to tell", async () => {
  const world = twoVersions();
  const desktop = { announce: async () => assert.fail("nothing is told") };
  for (const text of ["", "null", "{", '{"format":1,"atMs":1,"notices":[{"id":1}]}', "x".repeat(100_000)]) {
    world.tree.plant(noticePath, text);
    assert.deepEqual(await notifyPerson(sessionOn(world).session, desktop, told), { told: [], toldBefore: 0 });
  }
});

test("metrics are written where somebody collects them, and count what happened", async () => {
  const world = twoVersions();
  await show(world, {}, [{ event: "updated", text: "", bytes: 100 }]);
  assert.equal(textOf(world, metricsFile), undefined);
  world.tree.plant(`${folder}/other.prom`, "");
  await show(world, { fellBack }, [
    { event: "updated", text: "", bytes: 50 },
    { event: "failed", text: "" },
  ]);
  const lines = (textOf(world, metricsFile) ?? "").split("\n");
  for (const line of [
    'holdfast_events_total{event="updated"} 2',
    'holdfast_events_total{event="failed"} 1',
    'holdfast_events_total{event="quarantined"} 0',
    "holdfast_downloaded_bytes_total 150",
    'holdfast_version_info{role="running",version="1"} 1',
    "holdfast_fell_back 1",
    "holdfast_reboot_pending 0",
    "holdfast_on_trial 0",
  ])
    assert.ok(lines.includes(line), line);
  // Counters of other bytes begin again, and stop nothing.
  world.tree.plant("/var/lib/holdfast/counters.json", '{"format":1,"events":{"updated":-1},"downloadedBytes":7}');
  await show(world, {}, [{ event: "updated", text: "", bytes: 1 }]);
  assert.match(textOf(world, metricsFile) ?? "", /^holdfast_downloaded_bytes_total 1$/m);
});

test("HOLDFAST_METRICS_FOLDER names another folder, and empty none", async () => {
  for (const [value, path] of [
    ["/srv/metrics", "/srv/metrics/holdfast.prom"],
    ["", undefined],
  ] as const) {
    const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
    Object.assign(world.options, { environment: { ...world.options.environment, HOLDFAST_METRICS_FOLDER: value } });
    world.tree.plant(`${folder}/other.prom`, "");
    world.tree.plant("/srv/metrics/other.prom", "");
    await show(world);
    const found = [metricsFile, "/srv/metrics/holdfast.prom", "/holdfast.prom"].filter(
      (file) => textOf(world, file) !== undefined,
    );
    assert.deepEqual(found, path === undefined ? [] : [path]);
  }
});

test("what cannot be written is warned about, and fails nothing", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  world.tree.plant("/run/holdfast", "a file where a folder is to be");
  world.tree.plant("/run/motd.d", "another");
  const { session, progress } = sessionOn(world);
  await showStanding(session, () => statusReport(session), [{ event: "updated", text: "" }]);
  await showStanding(session, () => Promise.reject(new Fault("no-definitions", "Cannot look")), []);
  await showStanding(session, () => Promise.reject(new TypeError("a bug")), []);
  await showStanding(session, async () => ({}) as StatusReport, []);
  assert.ok(progress.events.some((event) => event.kind === "warning" && /\/run\/holdfast/.test(event.text)));
  // The command that was run has said that.
  assert.ok(!progress.events.some((event) => event.kind === "warning" && event.text === "Cannot look"));
});
