import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { News } from "../../domain/news.ts";
import { fieldsOf } from "../../wire/journal-fields.ts";
import { listenAt } from "../notify/listener.fixture.ts";
import { nodeProcess } from "../process/node-process.ts";
import { journalHerald } from "./journal-herald.ts";

const news: News = {
  event: "updated",
  version: "2",
  from: "1",
  text: "Version 2 is installed",
  ways: ["delta", "whole"],
};
const namespace = ["--mount", "--propagation", "private"];
const canMount = spawnSync("unshare", [...namespace, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
const hasLogger = /journald/.test(spawnSync("logger", ["--help"], { encoding: "utf8" }).stdout ?? "");
const hasPerl = spawnSync("perl", ["--version"]).status === 0;
const skip = canMount && hasLogger && hasPerl ? false : "it needs root, logger --journald and perl";

/** An entry of the journal's native protocol, of values on one line: `NAME=VALUE` lines. */
function linesOf(datagram: Buffer | undefined): readonly string[] {
  return (datagram?.toString() ?? "").split("\n").filter((line) => line !== "");
}

test("the journal gets every field through its own socket", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-herald-"));
  try {
    await using listener = await listenAt(join(folder, "socket"));
    const script = `
      import { journalHerald } from "${join(import.meta.dirname, "journal-herald.ts")}";
      import { nodeProcess } from "${join(import.meta.dirname, "../process/node-process.ts")}";
      await journalHerald({ ...nodeProcess({ root: "/" }), pid: 4711 }).tell(${JSON.stringify(news)});
    `;
    const mounts = `mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && mount --bind ${folder} /run/systemd/journal`;
    const inside = [
      "sh",
      "-c",
      `${mounts} && exec "$0" --input-type=module-typescript -e "$1"`,
      process.execPath,
      script,
    ];
    const child = spawn("unshare", [...namespace, ...inside], { stdio: "inherit" });
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    await listener.heard("MESSAGE=");
    assert.deepEqual(linesOf(listener.messages[0]), [...fieldsOf(news), "SYSLOG_PID=4711", "OBJECT_PID=4711"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("without a journal nothing is started, and a program that fails is not asked again", async () => {
  let runs = 0;
  const own = {
    ...nodeProcess({ root: "/" }),
    run: async () => {
      runs += 1;
      return { exitCode: 1, stdout: "", stderr: "no journal" };
    },
  };
  await journalHerald(own, "/nowhere/at/all").tell(news);
  assert.equal(runs, 0);
  const herald = journalHerald(own, "/");
  await herald.tell(news);
  await herald.tell(news);
  assert.equal(runs, 1);
  const missing = journalHerald({ ...own, run: () => Promise.reject(new Error("not installed")) }, "/");
  await missing.tell(news);
});
