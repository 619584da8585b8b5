// Every command as a person and a script meet it: text, JSON, exit codes (docs/exit-codes.md).
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import type {
  CheckReport,
  HistoryLine,
  LintReport,
  ListReport,
  RollbackReport,
  StatusReport,
  UpdateReport,
  VacuumReport,
} from "../../src/wire/reports.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { holdfast, json, program, reason, startHoldfast } from "./run.ts";
import { type Scene, World } from "./world.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three] = await world.releases(["1", "2", "3"]);
});
after(async () => world[Symbol.asyncDispose]());

async function sceneBefore2(): Promise<Scene> {
  return world.scene({ offered: [one, two], installed: [one] });
}

suite("Looking", { concurrency: 2 }, () => {
  test("status, check and list agree, before and after an update", async () => {
    await using scene = await sceneBefore2();
    const before2 = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.deepEqual([before2.running, before2.bootsNext, before2.wayBack], ["1", "1", null]);
    const check = json(await scene.expect(0, ["check", "--json"])) as CheckReport;
    assert.deepEqual([check.available, check.installed], ["2", "1"]);
    assert.match((await scene.expect(0, ["check"])).stdout, /^Version 2 is there\. You have 1\.\n/);
    await scene.expect(0, ["update"]);
    const after2 = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.deepEqual(
      [after2.running, after2.bootsNext, after2.wayBack, after2.bootsThen[0]],
      ["1", "2", "1", "os_1.efi"],
    );
    assert.equal((json(await scene.expect(3, ["check", "--json"])) as CheckReport).available, null);
    const list = json(await scene.expect(0, ["list", "--json"])) as ListReport;
    assert.deepEqual(
      list.versions.map(({ version, installed, complete }) => [version, installed, complete]),
      [
        ["2", true, true],
        ["1", true, true],
      ],
    );
    assert.match((await scene.expect(0, ["list", "2"])).stdout, /os_2\+3-0\.efi/);
    assert.match((await scene.expect(0, ["status"])).stdout, /^Running {5}1 \(os-release says so\)\nBoots next {2}2 /);
  });

  test("list without the source shows what is installed, and ends with 7 unless that was wanted", async () => {
    await using scene = await sceneBefore2();
    scene.server.misbehave({ path: /./, status: 404 });
    const list = json(await scene.expect(7, ["list", "--json"])) as ListReport;
    assert.match(list.sourceProblem ?? "", /there is no SHA256SUMS/);
    assert.deepEqual(
      list.versions.map(({ version }) => version),
      ["1"],
    );
    await scene.expect(0, ["list", "--offline"]);
  });

  test("nothing newer is exit code 3, from check and from update", async () => {
    await using scene = await world.scene({ offered: [one], installed: [one] });
    await scene.expect(3, ["check"]);
    const ended = await scene.expect(3, ["update"]);
    assert.match(ended.stdout, /^Version 1 is the newest on offer and is running\.$/m);
    await scene.expect(0, ["update", "1"]);
  });

  test("a dry run changes nothing and shows the plan", async () => {
    await using scene = await sceneBefore2();
    const report = json(await scene.expect(0, ["update", "--dry-run", "--json"])) as UpdateReport;
    assert.equal(report.outcome, "planned");
    assert.deepEqual(
      report.steps.map(({ kind }) => kind),
      ["prove", "acquire", "acquire", "install", "install", "audit"],
    );
    assert.equal(
      report.downloadBytes,
      two.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    await scene.assertBootable(["1"], two);
    assert.equal(scene.server.bytesSent("/os_2.erofs"), 0);
  });
});

suite("Going back and forth", { concurrency: 2 }, () => {
  test("rollback, and forward again", async () => {
    await using scene = await sceneBefore2();
    await scene.expect(0, ["update"]);
    const back = json(await scene.expect(0, ["rollback", "--json"])) as RollbackReport;
    assert.deepEqual([back.from, back.to, back.bootsNext], ["2", "1", "1"]);
    await scene.assertBootable(["1", "2"], two);
    // What a person went back from is not brought back by the next plain update (E7), only by name.
    const again = json(await scene.expect(3, ["update", "--json"])) as UpdateReport;
    assert.match(again.notices[0] ?? "", /^Version 2 is passed over: /);
    assert.equal(again.bootsNext, "1");
    assert.equal((json(await scene.expect(0, ["update", "2", "--json"])) as UpdateReport).bootsNext, "2");
    await scene.expect(0, ["rollback", "1"]);
    assert.equal((json(await scene.expect(0, ["rollback", "2", "--json"])) as RollbackReport).bootsNext, "2");
    await scene.repository.publish(three);
    await scene.assertHeals(["1", "3"], two, three);
  });

  test("without another version, or with one that is not there, it is refused", async () => {
    await using scene = await sceneBefore2();
    assert.match(
      reason(await scene.expect(4, ["rollback"])),
      /^Cannot roll back: no whole version is installed besides 1$/,
    );
    assert.match(
      reason(await scene.expect(1, ["rollback", "7"])),
      /^Cannot roll back to version 7: it is not installed$/,
    );
    assert.match(
      reason(await scene.expect(1, ["update", "7"])),
      /^Cannot update to 7: the repository does not offer it$/,
    );
  });

  test("a default in loader.conf that names another entry is a finding, and said", async () => {
    await using scene = await world.scene({
      offered: [one, two],
      installed: [one],
      loaderConf: "timeout 5\ndefault os_1.efi\n",
    });
    const ended = await scene.expect(7, ["update", "--json"]);
    const report = json(ended) as UpdateReport;
    assert.deepEqual([report.outcome, report.bootsNext], ["done-with-finding", "1"]);
    assert.match(report.because, /os_1\.efi.*loader\.conf/);
    await scene.assertBootable(["1", "2"], two);
  });
});

suite("Keeping and holding", { concurrency: 2 }, () => {
  test("pin, vacuum, unpin", async () => {
    await using scene = await world.scene({ installed: [one, two, three], offered: [] });
    await scene.expect(0, ["pin", "1"]);
    const kept = json(await scene.expect(0, ["vacuum", "--json"])) as VacuumReport;
    assert.deepEqual(kept.removed, []);
    assert.deepEqual(Object.fromEntries(kept.kept.map(({ version, because }) => [version, because])), {
      "1": "it is pinned",
      "2": "it is the way back",
      "3": "it is running",
    });
    await scene.expect(0, ["unpin", "1"]);
    const removed = json(await scene.expect(0, ["vacuum", "--json"])) as VacuumReport;
    assert.deepEqual(
      removed.removed.map(({ version }) => version),
      ["1"],
    );
    await scene.assertBootable(["2", "3"]);
  });

  test("hold stops update with exit code 4 until it is released", async () => {
    await using scene = await sceneBefore2();
    await scene.expect(0, ["hold", "7d"]);
    assert.match(reason(await scene.expect(4, ["update"])), /^Cannot update: updates are held until /);
    assert.match((await scene.expect(0, ["status"])).stdout, /held/i);
    await scene.expect(2, ["hold", "2001-01-01"]);
    await scene.expect(0, ["hold", "--off"]);
    await scene.expect(0, ["update"]);
    const history = json(await scene.expect(0, ["history", "--json"])) as readonly HistoryLine[];
    assert.ok(history.some(({ event, version }) => event === "updated" && version === "2"));
    assert.match((await scene.expect(0, ["history"])).stdout, /Version 2 is installed and boots next/);
  });

  test("a report holds the findings and no secrets", async () => {
    await using scene = await sceneBefore2();
    await scene.pointAt(`http://user:secret@127.0.0.1:${scene.server.port}`);
    const file = join(scene.folder, "report.json.gz");
    await scene.expect(0, ["report", `--output=${file}`]);
    const text = gunzipSync(await readFile(file)).toString("utf8");
    assert.ok(JSON.parse(text) !== null);
    assert.ok(!text.includes("secret") && !text.includes("6f2c9a3b7d4e41c0a5b8e1f0d2c3b4a5"));
    await scene.expect(1, ["report", `--output=${file}`]);
  });
});

suite("Definitions", { concurrency: 2 }, () => {
  test("lint finds no error in the lab's, and an overlap in others", async () => {
    await using scene = await sceneBefore2();
    const good = json(await scene.expect(0, ["lint", "--json"])) as LintReport;
    assert.equal(good.transfers, 2);
    assert.ok(good.findings.every(({ severity }) => severity === "warning"));
    const root = await readFile(join(scene.machine.definitions, "20-root.transfer"), "utf8");
    await writeFile(join(scene.machine.definitions, "25-again.transfer"), root);
    const report = json(await scene.expect(7, ["lint", "--json"])) as LintReport;
    assert.ok(report.findings.some(({ severity }) => severity === "error"));
  });

  test("that cannot be read are named with file and line, and nothing changes", async () => {
    await using scene = await sceneBefore2();
    await writeFile(
      join(scene.machine.definitions, "20-root.transfer"),
      "[Source]\nType=url-file\nPath=://\n[Target\n",
    );
    for (const command of ["update", "status", "check", "lint", "vacuum"]) {
      const ended = await scene.run([command]);
      assert.ok(ended.code === 1 || ended.code === 7, `${command}: ${ended.code}`);
      assert.match(ended.stderr + ended.stdout, /20-root\.transfer/, command);
    }
    await scene.assertBootable(["1"]);
  });

  test("that are not there are a sentence, not a success", async () => {
    const root = join(world.folder, "bare");
    await mkdir(root);
    const wrong = await holdfast(["update", "--root", root]);
    assert.equal(wrong.code, 2, wrong.stdout);
    assert.match(reason(wrong), /^Cannot use the folder of --root: it has neither \/etc nor \/usr/);
    assert.deepEqual(await readdir(root), []);
    await mkdir(join(root, "etc"));
    for (const command of ["update", "check"]) {
      const ended = await holdfast([command, "--root", root]);
      assert.equal(ended.code, 1, ended.stdout);
      assert.match(reason(ended), /^Cannot .*definition/);
    }
    assert.match(
      reason(await holdfast(["status", "--root", join(root, "absent")])),
      /^Cannot use \S+ as the root of a machine: /,
    );
  });
});

suite("The command line", { concurrency: 2 }, () => {
  const wrong: readonly (readonly string[])[] = [
    ["upgrade"],
    ["update", "--fast"],
    ["update", "--max-rate=fast"],
    ["update", "--wait=soon"],
    ["update", "../../etc"],
    ["pin"],
    ["pin", "1", "2"],
    ["hold", "7d", "--off"],
    ["status", "--component=a/b"],
  ];
  for (const args of wrong) {
    test(`refuses \`holdfast ${args.join(" ")}\` with exit code 2`, async () => {
      const ended = await holdfast(args);
      assert.equal(ended.code, 2, ended.stderr);
      assert.match(ended.stderr, /^holdfast: /);
    });
  }

  test("works from any folder and through a symbolic link", async () => {
    const link = join(world.folder, "hf");
    await symlink(program, link);
    assert.match((await holdfast(["--version"], { program: link, cwd: world.folder })).stdout, /^holdfast \d/);
    assert.equal((await holdfast([])).code, 0);
    assert.match((await holdfast(["update", "--help"])).stdout, /--without-way-back/);
  });

  test("tells failures as one JSON value where JSON was asked for", async () => {
    await using scene = await sceneBefore2();
    scene.server.misbehave({ path: /./, status: 404 });
    const { error } = json(await scene.expect(1, ["update", "--json"])) as { error: { code: string; message: string } };
    assert.equal(error.code, "no-manifest");
    assert.match(error.message, /^Cannot use http:/);
  });

  test("writes progress as JSON Lines to the descriptor it is given", async () => {
    await using scene = await sceneBefore2();
    const { child, ended } = startHoldfast(["update", "--progress-fd=3", "--root", scene.machine.root], {
      pipe3: true,
    });
    let text = "";
    child.stdio[3]?.on("data", (piece: Buffer) => (text += piece.toString("utf8")));
    assert.equal((await ended).code, 0);
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string });
    assert.ok(lines.some(({ kind }) => kind === "step") && lines.some(({ kind }) => kind === "step-done"));
  });
});

suite("In the place of systemd-sysupdate", { concurrency: 2 }, () => {
  test("the verbs answer with its exit codes and its JSON", async () => {
    await using scene = await sceneBefore2();
    const sysupdate = async (code: number, ...args: readonly string[]): Promise<unknown> =>
      JSON.parse((await scene.expect(code, ["sysupdate", "--json=short", ...args])).stdout || "null");
    assert.deepEqual(await sysupdate(0, "check-new"), { available: "2" });
    assert.deepEqual(await sysupdate(0, "list"), { current: "1", all: ["2", "1"], appstreamUrls: [] });
    await scene.expect(0, ["sysupdate", "update"]);
    await scene.assertBootable(["1", "2"], two);
    // As there, it is about the machine we run on.
    assert.match((await scene.expect(1, ["sysupdate", "pending"])).stderr, /--root= switch may not be combined/);
    assert.deepEqual(await sysupdate(1, "check-new"), { available: null });
    assert.deepEqual(await sysupdate(0, "vacuum"), { removed: 0, disabledTransfers: 0 });
    assert.deepEqual(await sysupdate(0, "components"), { default: true, components: [] });
    await scene.expect(0, ["sysupdate", "features"]);
    await scene.expect(1, ["sysupdate", "explode"]);
  });

  test("called by its name it is the stand-in", async () => {
    await using scene = await sceneBefore2();
    const link = join(scene.folder, "systemd-sysupdate");
    await symlink(program, link);
    const ended = await holdfast(["check-new", "--root", scene.machine.root], { program: link });
    assert.deepEqual([ended.code, ended.stdout], [0, "2\n"]);
  });
});
