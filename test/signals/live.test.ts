// An update on a machine that runs, with systemd's own journald and a service manager that listens: what each is told.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { listenAt } from "../../src/adapter/notify/listener.fixture.ts";
import { journalEvents } from "../../src/domain/journal-events.ts";
import { type Scene, World } from "../e2e/world.ts";

const checkout = join(import.meta.dirname, "../..");
const journald = "/usr/lib/systemd/systemd-journald";
const namespace = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
const canMount = spawnSync("unshare", [...namespace, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
const programs = ["journalctl", "logger", "systemd-notify", "perl"];
const lacking = programs.filter((program) => spawnSync(program, ["--version"]).status !== 0);
const skip = !canMount
  ? "it needs root and mount namespaces"
  : !existsSync(journald) || lacking.length > 0
    ? `it needs systemd-journald, ${programs.join(", ")}`
    : false;

const machineId = "6f2c9a3b7d4e41c0a5b8e1f0d2c3b4a5";

/** What is printed between two lines of the script. */
type Printed = Readonly<Record<string, string>>;

async function runLive(scene: Scene, script: string): Promise<Printed> {
  const { root } = scene.machine;
  const args = [...namespace, "sh", join(import.meta.dirname, "live-machine.sh"), root, checkout, script];
  const child = spawn("unshare", args, {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", SYSTEMD_RELAX_ESP_CHECKS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const [code] = await once(child, "close");
  assert.equal(code, 0, `${out}${err}`);
  const parts = out.split(/^=== (.*)\n/m).slice(1);
  return Object.fromEntries(parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ""]] : [])));
}

const script = `
holdfast=${checkout}/bin/holdfast
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal/${machineId} /var/lib/prometheus/node-exporter
printf '[Journal]\\nReadKMsg=no\\nAudit=no\\nStorage=volatile\\n' >/run/systemd/journald.conf.d/test.conf
${journald} & journald=$!
until [ -S /run/systemd/journal/socket ] && [ -S /run/systemd/journal/io.systemd.journal ]; do sleep 0.1; done
echo "=== update"
(umask 077; NOTIFY_SOCKET=/notify.socket $holdfast update --json)
echo "=== motd"
cat /run/motd.d/50-holdfast
echo "=== issue"
cat /run/issue.d/50-holdfast.issue
echo "=== notice"
cat /run/holdfast/notice.json
stat -c %a /run/holdfast/notice.json /run/holdfast /var/lib/prometheus/node-exporter/holdfast.prom
echo "=== metrics"
cat /var/lib/prometheus/node-exporter/holdfast.prom
echo "=== refused"
$holdfast rollback 7 || echo $?
echo "=== again"
$holdfast rollback 1 --json >/dev/null
ls /run/motd.d
journalctl --sync
echo "=== journal"
journalctl --directory=/run/log/journal --output=json SYSLOG_IDENTIFIER=holdfast
echo "=== explained"
mkdir -p /tmp/c/usr/lib/systemd/catalog /tmp/c/var/lib/systemd/catalog
cp ${checkout}/packaging/journal/holdfast.catalog /tmp/c/usr/lib/systemd/catalog
journalctl --update-catalog --root=/tmp/c
mkdir -p /var/lib/systemd/catalog
cp /tmp/c/var/lib/systemd/catalog/database /var/lib/systemd/catalog
journalctl --directory=/run/log/journal -x HOLDFAST_EVENT=updated
echo "=== end"
kill $journald
`;

test("an update of the running machine tells the manager, the journal, the login and Prometheus", {
  skip,
}, async () => {
  await using world = await World.create();
  const [one, two] = await world.releases(["1", "2"]);
  await using scene = await world.scene({ installed: [one], offered: [one, two] });
  const { root } = scene.machine;
  await mkdir(join(root, "etc"), { recursive: true });
  await copyFile(join(root, "usr/lib/os-release"), join(root, "etc/os-release"));
  await using manager = await listenAt(join(root, "notify.socket"));
  const printed = await runLive(scene, script);

  const report = JSON.parse(printed["update"] ?? "") as { readonly to: string; readonly transferredBytes: number };
  assert.equal(report.to, "2");
  await manager.heard("X_SYSUPDATE_PROGRESS=100");
  const told = manager.messages.map((message) => message.toString());
  assert.match(told[0] ?? "", /^READY=1/);
  assert.match(told.find((text) => text.includes("X_SYSUPDATE_PROGRESS=100")) ?? "", /^X_SYSUPDATE_VERSION=2$/m);

  const line = "Version 2 is ready. It starts with the next boot. Reboot when it suits you.\n";
  assert.deepEqual([printed["motd"], printed["issue"]], [line, line]);
  const [notice = "", ...modes] = (printed["notice"] ?? "").trim().split("\n");
  const { notices } = JSON.parse(notice) as { readonly notices: readonly { readonly kind: string }[] };
  assert.deepEqual(
    notices.map(({ kind }) => kind),
    ["reboot-due"],
  );
  assert.deepEqual(modes, ["644", "755", "644"]);
  for (const text of [
    'holdfast_events_total{event="updated"} 1',
    `holdfast_downloaded_bytes_total ${report.transferredBytes}`,
  ])
    assert.ok((printed["metrics"] ?? "").split("\n").includes(text), `${text}\n${printed["metrics"]}`);
  assert.equal(printed["refused"], "1\n");
  assert.equal(printed["again"], "");

  const entries = (printed["journal"] ?? "")
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as Readonly<Record<string, string>>);
  const short = entries.map((entry) =>
    ["EVENT", "VERSION", "FROM", "WAY_BACK", "EXIT_CODE", "CODE"].map((name) => entry[`HOLDFAST_${name}`]),
  );
  const none = undefined;
  assert.deepEqual(short, [
    ["planned", "2", "1", "1", none, none],
    ["updated", "2", "1", "1", "0", none],
    ["failed", none, none, none, "1", "not-installed"],
    ["switched", "1", "2", none, none, none],
  ]);
  assert.equal(entries[1]?.["MESSAGE_ID"], journalEvents.updated.messageId);
  assert.equal(entries[1]?.["HOLDFAST_BYTES"], `${report.transferredBytes}`);
  assert.match(printed["explained"] ?? "", /Subject: An update is complete[\s\S]*Version 2 is installed and proven/);
});
