import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import { briefs, commandNames } from "./overview.ts";
import { sampleFinding, sampleStatus, sampleUpdate, sampleVersion } from "./sample-reports.ts";
import { runSample, sampleNowMs } from "./sample-world.ts";

test("the name alone explains itself and ends well", async () => {
  const { stdout, stderr, exitCode } = await runSample([]);
  assert.match(stdout, /^Holdfast updates image-based Linux systems/);
  assert.match(stdout, /Start with `holdfast status`/);
  assert.deepEqual([stderr, exitCode], ["", 0]);
});

test("--version says the version, --help the exit codes too", async () => {
  assert.equal((await runSample(["--version"])).stdout, "holdfast 0.1.0\n");
  assert.match((await runSample(["--help"])).stdout, /\nExit codes\n {2}0 {2}Done, or the answer is yes\.\n/);
  assert.match((await runSample(["help"])).stdout, /\nExit codes\n {2}0 {2}Done, or the answer is yes\.\n/);
});

test("every command has help with options and examples that fits 80 columns", async () => {
  for (const [name, brief] of briefs.filter(([name]) => name !== "sysupdate")) {
    for (const argv of [
      [...name.split(" "), "--help"],
      ["help", ...name.split(" ")],
      [...name.split(" "), "-h", "--json"],
    ]) {
      const { stdout, stderr, exitCode, calls } = await runSample(argv);
      assert.match(stdout, new RegExp(`^Usage: holdfast ${name}`));
      assert.match(stdout, /\nCommon options\n {2}--json {2,}Print one JSON value\n/);
      assert.match(stdout, new RegExp(`\\nExamples\\n {2}holdfast ${name}`));
      assert.deepEqual([stderr, exitCode, calls], ["", 0, []]);
      for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    }
    assert.ok(brief.length <= 66);
  }
});

test("the first word of two commands explains both", async () => {
  for (const argv of [
    ["image", "--help"],
    ["help", "image"],
  ]) {
    const { stdout, exitCode } = await runSample(argv);
    assert.match(stdout, /^Usage: holdfast image COMMAND/);
    assert.match(stdout, /\n {2}image build {4}Build .*\n {2}image install {2}Put /);
    assert.equal(exitCode, 0);
  }
});

test("what cannot be understood gets one sentence, a suggestion and exit code 2", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["statsu"], 'holdfast: Cannot run "statsu": there is no such command\nDid you mean `holdfast status`?\n'],
    [["frob"], 'holdfast: Cannot run "frob": there is no such command\n`holdfast --help` lists the commands.\n'],
    [
      ["--root", "/mnt"],
      "holdfast: Cannot run `holdfast --root`: COMMAND is missing\n`holdfast --help` lists the commands.\n",
    ],
    [
      ["image", "install", "os.img", "--layout=zz"],
      'holdfast: Cannot read "zz" as a value for --layout\nWrite one of: kde, ab.\n',
    ],
    [
      ["status", "--jsno"],
      "holdfast: Cannot understand --jsno: `holdfast status` has no such option\nDid you mean --json? `holdfast status --help` shows how it is used.\n",
    ],
    [
      ["status", "-x"],
      "holdfast: Cannot understand -x: `holdfast status` has no such option\n`holdfast status --help` shows how it is used.\n",
    ],
    [
      ["status", "24.2"],
      'holdfast: Cannot understand "24.2": `holdfast status` takes no argument\n`holdfast status --help` shows how it is used.\n',
    ],
    [
      ["update", "1", "2"],
      'holdfast: Cannot understand "2": `holdfast update` takes one argument only\n`holdfast update --help` shows how it is used.\n',
    ],
    [
      ["image"],
      "holdfast: Cannot run `holdfast image`: one of build, install is missing\nWrite one of:\n" +
        "  holdfast image build    Build a release of an OS from a recipe\n" +
        "  holdfast image install  Put a release onto an empty disk or image file\n",
    ],
    [
      ["image", "bulid"],
      'holdfast: Cannot run "image bulid": there is no such command\nDid you mean `holdfast image build`?\n',
    ],
    [
      ["quarantine"],
      "holdfast: Cannot run `holdfast quarantine`: one of list, lift is missing\n`holdfast quarantine --help` shows how it is used.\n",
    ],
    [
      ["quarantine", "lift"],
      "holdfast: Cannot run `holdfast quarantine lift`: VERSION is missing\n`holdfast quarantine list` shows the versions that are in it.\n",
    ],
    [
      ["boot"],
      "holdfast: Cannot run `holdfast boot`: one of assess, confirm, give-back, reject is missing\n`holdfast boot --help` shows how it is used.\n",
    ],
    [
      ["try"],
      "holdfast: Cannot run `holdfast try`: VERSION is missing\n`holdfast list` shows the versions that are installed.\n",
    ],
    [
      ["image", "install", "os.img"],
      "holdfast: Cannot run `holdfast image install`: --release is missing\nName the folder or address that has the release, for example --release=./repository.\n",
    ],
    [["pin"], "holdfast: Cannot run `holdfast pin`: VERSION is missing\n`holdfast pin --help` shows how it is used.\n"],
    [
      ["status", "--root"],
      "holdfast: Cannot use --root: it needs a value\n`holdfast status --help` shows how it is used.\n",
    ],
    [
      ["status", "--root=a", "--root=b"],
      "holdfast: Cannot use --root twice\n`holdfast status --help` shows how it is used.\n",
    ],
    [
      ["update", "--max-rate", "fast"],
      'holdfast: Cannot read "fast" as a rate\nWrite bytes a second, for example 500K or 2M.\n',
    ],
    [
      ["update", "a/b"],
      'holdfast: Cannot read "a/b" as a version: it has characters no version has\nVersions consist of letters, digits and . - ~ ^ _ +\n',
    ],
    [["hold", "7d", "--off"], "holdfast: Cannot hold and release updates at once\nGive either a date or --off.\n"],
  ];
  for (const [argv, expected] of cases) {
    const { stdout, stderr, exitCode, calls } = await runSample(argv);
    assert.deepEqual([stdout, stderr, exitCode, calls], ["", expected, 2, []], argv.join(" "));
  }
});

test("with --json a usage error is one value on standard output", async () => {
  const { stdout, stderr, exitCode } = await runSample(["status", "--jsn", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    error: {
      code: "usage",
      message: "Cannot understand --jsn: `holdfast status` has no such option",
      hint: "Did you mean --json? `holdfast status --help` shows how it is used.",
      details: {},
    },
  });
  assert.deepEqual([stderr, exitCode], ["", 2]);
});

test("the common options reach the machine and the settings, before the command or behind it", async () => {
  const answers = { status: () => sampleStatus };
  const common = ["--root", "tree", "--component=app", "--definitions", "tree/etc/x.d", "--progress-fd=3"];
  for (const argv of [
    [...common, "status"],
    ["status", ...common],
  ]) {
    const { requests, calls, exitCode } = await runSample(argv, { answers });
    assert.deepEqual(requests, [{ root: "/here/tree", display: "none", colour: false, progressFd: 3 }]);
    assert.deepEqual(calls[0]?.session.settings, { live: false, component: "app", definitionsFolder: "/etc/x.d" });
    assert.equal(exitCode, 0);
  }
});

test("without --root it is the machine we run on", async () => {
  const { requests, calls } = await runSample(["status"], { answers: { status: () => sampleStatus } });
  assert.equal(requests[0]?.root, undefined);
  assert.equal(calls[0]?.session.settings.live, true);
});

test("--json prints exactly one value, with null where nothing is known", async () => {
  const { stdout } = await runSample(["status", "--json"], { answers: { status: () => sampleStatus } });
  assert.equal(stdout.split("\n").length, 2);
  assert.deepEqual(JSON.parse(stdout).held, null);
  assert.equal(JSON.parse(stdout).bootsNext, "os_24.3.efi");
});

test("check answers yes with 0 and no with 3", async () => {
  const report = { because: "none", notes: [], notices: [], installed: "1" };
  const yes = await runSample(["check"], { answers: { check: () => ({ ...report, available: "2" }) } });
  const no = await runSample(["check"], { answers: { check: () => ({ ...report, available: undefined }) } });
  assert.deepEqual([yes.exitCode, no.exitCode, no.stdout], [0, 3, "None.\n"]);
});

test("update hands its options to the agent", async () => {
  const answers = { update: () => sampleUpdate };
  const argv = "update 24.3 --dry-run --from=/stick --offline --without-way-back --max-rate=2M --wait=30";
  const { calls, requests } = await runSample(argv.split(" "), { answers, terminal: true });
  assert.deepEqual(calls[0]?.rest, [{ dryRun: true, withoutWayBack: true, version: "24.3" }]);
  assert.deepEqual(calls[0]?.session.settings, {
    live: true,
    offline: true,
    from: "/stick",
    maxRateBytesPerSecond: 2_097_152,
    lockWaitMs: 30_000,
  });
  assert.equal(requests[0]?.display, "live");
});

test("long work is shown live on a terminal, in lines elsewhere, and not at all beside JSON", async () => {
  const answers = { update: () => sampleUpdate };
  assert.equal((await runSample(["update"], { answers })).requests[0]?.display, "lines");
  assert.equal((await runSample(["update", "--json"], { answers, terminal: true })).requests[0]?.display, "none");
});

test("the outcome of an update decides its exit code", async () => {
  const cases = [
    ["update", "done", 0],
    ["update --dry-run", "planned", 0],
    ["update", "acquired", 0],
    ["update", "done-with-finding", 7],
    ["update", "nothing-to-do", 3],
    ["update 24.3", "nothing-to-do", 0],
  ] as const;
  for (const [line, outcome, expected] of cases) {
    const answers = { update: () => ({ ...sampleUpdate, outcome, because: "" }) };
    assert.equal((await runSample(line.split(" "), { answers })).exitCode, expected, `${line}: ${outcome}`);
  }
});

test("--reboot reboots after a done update and after nothing else", async () => {
  const after = async (outcome: string): Promise<number> =>
    (await runSample(["update", "--reboot"], { answers: { update: () => ({ ...sampleUpdate, outcome }) } })).reboots;
  assert.deepEqual([await after("done"), await after("nothing-to-do"), await after("done-with-finding")], [1, 0, 0]);
});

test("the tree of another machine is not rebooted", async () => {
  const answers = { update: () => sampleUpdate };
  const { reboots, exitCode, stderr } = await runSample(["update", "--reboot", "--root=/mnt"], { answers });
  assert.deepEqual([reboots, exitCode], [0, 2]);
  assert.match(stderr, /Cannot reboot: --root names a machine that is not the one we run on\n/);
});

test("list shows all versions or one", async () => {
  const answers = {
    list: () => ({ versions: [sampleVersion("24.3")], sourceProblem: undefined }),
    content: () => ({ version: sampleVersion("24.3"), contents: [], changeLog: [] }),
  };
  const all = await runSample(["list", "--offline"], { answers });
  assert.equal(all.calls[0]?.deed, "list");
  assert.equal(all.calls[0]?.session.settings.offline, true);
  const one = await runSample(["list", "24.3"], { answers });
  assert.deepEqual([one.calls[0]?.deed, one.calls[0]?.rest], ["content", ["24.3"]]);
});

test("list without its source shows what is installed, and ends with 7", async () => {
  const answers = { list: () => ({ versions: [], sourceProblem: "the server does not answer" }) };
  const codes = [["list"], ["list", "--offline"]].map(async (argv) => (await runSample(argv, { answers })).exitCode);
  assert.deepEqual(await Promise.all(codes), [7, 0]);
});

test("rollback, doctor, vacuum, history and lint do what their names say", async () => {
  const answers = {
    rollback: () => ({ from: "2", to: "1", bootsNext: "x", menu: [], notices: [] }),
    doctor: () => ({ healthy: false, deep: true, findings: [sampleFinding], repaired: [], checkedBytes: 1, menu: [] }),
    vacuum: () => ({ removed: [], kept: [], sweptLeftovers: 0, disabledInstances: 0 }),
    history: () => [],
    lint: () => ({ folders: [], transfers: 0, findings: [{ ...sampleFinding, files: [] }] }),
  };
  const cases = [
    ["rollback 1 --reboot", "rollback", [{ version: "1" }], 0],
    ["rollback", "rollback", [{}], 0],
    ["doctor --deep --repair", "doctor", [{ deep: true, repair: true }], 7],
    ["vacuum", "vacuum", [], 0],
    ["history", "history", [], 0],
    ["lint", "lint", [], 7],
  ] as const;
  for (const [line, deed, rest, expected] of cases) {
    const { calls, exitCode } = await runSample(line.split(" "), { answers });
    assert.deepEqual([calls[0]?.deed, calls[0]?.rest, exitCode], [deed, rest, expected], line);
  }
});

test("pin, unpin and hold say what they did", async () => {
  const said = async (...argv: readonly string[]): Promise<readonly unknown[]> => {
    const { stdout, calls } = await runSample(argv);
    return [stdout, calls[0]?.deed, calls[0]?.rest];
  };
  assert.deepEqual(await said("pin", "24.2"), [
    "Version 24.2 is pinned: it stays until it is unpinned.\n",
    "pin",
    ["24.2"],
  ]);
  assert.deepEqual(await said("unpin", "24.2", "--json"), ['{"version":"24.2","pinned":false}\n', "unpin", ["24.2"]]);
  assert.deepEqual(await said("hold", "7d"), [
    "Updates are held until 2026-03-21 15:09 UTC, for 7 days.\n",
    "hold",
    [sampleNowMs + 7 * 86_400_000],
  ]);
  assert.deepEqual(await said("hold", "--json"), ['{"held":true,"untilMs":null}\n', "hold", [undefined]]);
  assert.deepEqual(await said("hold", "--off"), ["Updates are no longer held.\n", "release", []]);
});

test("report writes one compressed file and says where, or prints the bundle as JSON", async () => {
  const answers = { bugReport: () => ({ format: 1, big: 2n ** 60n }) };
  const file = await runSample(["report"], { answers });
  assert.equal(file.written[0]?.path, "/here/holdfast-report-2026-03-14T150926Z.json.gz");
  assert.equal(file.written[0]?.text, '{"format":1,"big":"1152921504606846976"}\n');
  assert.match(file.stdout, /^Wrote \/here\/holdfast-report-2026-03-14T150926Z\.json\.gz\n/);
  const named = await runSample(["report", "--output", "x/../bug.gz", "--json"], { answers });
  assert.deepEqual([named.written[0]?.path, named.stdout], ["/here/bug.gz", '{"file":"/here/bug.gz"}\n']);
  const printed = await runSample(["report", "--json"], { answers });
  assert.deepEqual([printed.written, printed.stdout], [[], '{"format":1,"big":"1152921504606846976"}\n']);
});

test("a Fault is told with its hint, as text or as JSON, and ends with the code of its kind", async () => {
  const status = (): never => {
    throw new Fault("held", "Cannot update: updates are held", {
      hint: "`holdfast hold --off` releases them.",
      kind: "refused",
      details: { bytes: 5n },
      cause: new Error("deep"),
    });
  };
  const text = await runSample(["status"], { answers: { status } });
  assert.deepEqual(
    [text.stdout, text.stderr, text.exitCode],
    ["", "holdfast: Cannot update: updates are held\n`holdfast hold --off` releases them.\n", 4],
  );
  const json = await runSample(["status", "--json"], { answers: { status } });
  assert.equal(
    json.stdout,
    '{"error":{"code":"held","message":"Cannot update: updates are held","hint":"`holdfast hold --off` releases them.","details":{"bytes":"5"}}}\n',
  );
  assert.equal(json.stderr, "");
  const verbose = await runSample(["status", "--verbose"], { answers: { status } });
  assert.match(verbose.stderr, /\n {2}because: deep\nError: deep\n/);
});

test("an unexpected exception is called a bug, and its stack stays away unless it is asked for", async () => {
  const status = (): never => {
    throw new TypeError("x is undefined");
  };
  const plain = await runSample(["status"], { answers: { status } });
  assert.match(plain.stderr, /^holdfast: Cannot go on: x is undefined\nThis is a bug in Holdfast/);
  assert.doesNotMatch(plain.stderr, /app\.test\.ts/);
  assert.equal(plain.exitCode, 1);
  assert.match(
    (await runSample(["status", "--verbose"], { answers: { status } })).stderr,
    /TypeError: x is undefined\n/,
  );
});

test("Ctrl-C stops at a safe point and says how to go on; the second one leaves at once", async () => {
  let press = (): void => undefined;
  const update = async (): Promise<never> => {
    press();
    press();
    throw new Error("aborted somewhere");
  };
  const world = {
    answers: { update },
    interrupt: (pressIt: () => void) => {
      press = pressIt;
    },
  };
  const { stderr, exitCode, leftWith } = await runSample(["update"], world);
  assert.equal(
    stderr,
    "\nStopping at the next safe point; press Ctrl-C again to leave at once.\n" +
      "holdfast: Cannot finish `holdfast update`: it was interrupted\n" +
      "Everything downloaded so far is kept; `holdfast update` goes on from there.\n",
  );
  assert.deepEqual([exitCode, leftWith], [5, [5]]);
});

test("the overview names every command once", () => {
  assert.equal(new Set(commandNames).size, commandNames.length);
});
