// Metrics read by Prometheus' own checker: what bin/holdfast prints of a machine, and labels of any text.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { expositionText } from "../../src/format/exposition.ts";
import { metrics } from "../../src/wire/metrics.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { World } from "../e2e/world.ts";

const tools = await ensureTools(["promtool"]);
const skip = tools.missing.length === 0 ? false : describeMissing(tools.missing).join(" ");

/** Nothing amiss: exit code 0, and not a word. */
function check(text: string): void {
  const ran = spawnSync(tools.path("promtool"), ["check", "metrics"], { input: text, encoding: "utf8" });
  assert.deepEqual({ status: ran.status, said: ran.stdout + ran.stderr }, { status: 0, said: "" }, text);
}

test("promtool finds nothing amiss with a machine's metrics", { skip }, async () => {
  await using world = await World.create();
  const [one, two] = await world.releases(["1", "2"]);
  await using scene = await world.scene({ installed: [one], offered: [two] });
  await scene.expect(0, ["update"]);
  const { stdout } = await scene.expect(0, ["metrics"]);
  check(stdout);
  const lines = stdout.split("\n");
  for (const line of [
    'holdfast_version_info{role="running",version="1"} 1',
    'holdfast_version_info{role="next",version="2"} 1',
    'holdfast_version_info{role="newest",version="2"} 1',
    'holdfast_version_complete{version="2"} 1',
    "holdfast_reboot_pending 1",
    'holdfast_findings{severity="error"} 0',
  ])
    assert.ok(lines.includes(line), `${line}\n${stdout}`);
  // What has nothing to say here is left out, and nothing is there that the reference does not name.
  const known = new Set(metrics.map(({ name }) => name));
  for (const [, name = ""] of stdout.matchAll(/^# TYPE (\S+)/gm)) assert.ok(known.has(name), name);
});

test("promtool reads labels of any text, and every name is one it likes", { skip }, () => {
  const labels = { text: 'a "quoted" \\ back\\slash\nand a line \u{1f680} \ud800' };
  check(
    expositionText([{ name: "holdfast_sample", help: "A \\ b\nc", type: "gauge", samples: [{ labels, value: 1.5 }] }]),
  );
  check(
    expositionText(
      metrics.map(({ name, help, type, labels: names }) => ({
        name,
        help,
        type,
        samples: [{ labels: Object.fromEntries(names.map((label) => [label, "x"])), value: 1 }],
      })),
    ),
  );
});
