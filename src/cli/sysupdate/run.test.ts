import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import type { Session } from "../../agent/session.ts";
import type { ContentLine } from "../../wire/reports.ts";
import { sampleFinding, sampleStatus, sampleUpdate, sampleVersion } from "../sample-reports.ts";
import { type Outcome, runSample } from "../sample-world.ts";
import { runSysupdate } from "./run.ts";

const yes = { kind: "yes" as const };
const away = { installed: false, complete: false } as const;

const contents: readonly ContentLine[] = [
  {
    transfer: "01-root",
    type: "partition",
    path: "/dev/vda2",
    partitionUuid: "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
    partitionFlags: 2n ** 60n,
    sizeBytes: 786_432_000,
    noAuto: false,
    readOnly: true,
    growFileSystem: false,
  },
  {
    transfer: "02-uki",
    type: "regular-file",
    path: "/efi/EFI/Linux/os_v3+3-0.efi",
    mtimeUs: 1_773_500_966_000_000n,
    mode: 0o444,
    sizeBytes: 65_011_712,
    triesDone: 0,
    triesLeft: 3,
    sha256: "ab".repeat(32),
  },
];

const answers = {
  list: () => ({
    versions: [sampleVersion("v4", away), sampleVersion("v3"), sampleVersion("v2", { available: false })],
    sourceProblem: undefined,
    appStreamUrls: ["https://os.example/appstream.xml"],
  }),
  content: () => ({ version: sampleVersion("v3"), contents, changeLog: ["https://os.example/v3"] }),
  check: () => ({ available: "v4", installed: "v3", because: "", notes: [], notices: [] }),
  update: () => ({ ...sampleUpdate, to: "v4" }),
  vacuum: () => ({
    removed: [{ version: "v1", why: "too many", freedBytes: 1 }],
    kept: [],
    sweptLeftovers: 0,
    disabledInstances: 0,
  }),
  status: () => sampleStatus,
  features: () => [
    {
      id: "optional",
      description: "Optional Feature",
      documentation: [],
      enabled: false,
      suggested: { kind: "unknown" as const, why: "Invalid argument" },
      transfers: ["/usr/lib/sysupdate.d/99-optional.transfer"],
    },
    {
      id: "other",
      documentation: ["https://os.example/f", "https://os.example/g"],
      enabled: true,
      suggested: yes,
      transfers: [],
    },
  ],
  components: () => ({
    default: true,
    components: [
      { id: "app", description: "App", documentation: [], enabled: true, suggested: yes },
      { id: "lib", documentation: [], enabled: false, suggested: { kind: "no" as const } },
    ],
  }),
  cleanup: () => ({ removed: ["beta-v1"], kept: ["os_1.efi"] }),
};

async function sysupdate(line: string, more: typeof answers | object = {}): Promise<Outcome> {
  const argv = line === "" ? [] : line.split(" ");
  const world = { answers: { ...answers, ...more }, invokedAs: "systemd-sysupdate" };
  return runSample(argv, world, runSysupdate);
}

test("list is the default and prints systemd's table", async () => {
  for (const line of ["", "list", "list --no-pager"]) {
    const { stdout, stderr, exitCode } = await sysupdate(line);
    assert.deepEqual(stdout.split("\n"), [
      "  VERSION INSTALLED AVAILABLE ASSESSMENT",
      "↻ v4                    ✓     candidate",
      "● v3          ✓         ✓     current",
      "  v2          ✓               installed",
      "",
    ]);
    assert.deepEqual([stderr, exitCode], ["", 0]);
  }
});

test("--no-legend leaves the headings away", async () => {
  assert.equal((await sysupdate("list --no-legend")).stdout.split("\n")[0], "↻ v4   ✓ candidate");
});

test("list VERSION tells its state and its resources", async () => {
  const { stdout } = await sysupdate("list v3");
  assert.deepEqual(stdout.split("\n").slice(0, 9), [
    "● Version: v3",
    "    State: current",
    "Installed: yes (newest)",
    "Available: yes",
    "Protected: no",
    " Obsolete: no",
    "ChangeLog: https://os.example/v3",
    "",
    "TYPE         PATH                         PTUUID                                          PTFLAGS                       MTIME MODE SIZE TRIES-DONE TRIES-LEFT NOAUTO RO  GROWFS SHA256",
  ]);
});

test("columns that no resource fills are not shown", async () => {
  const one: readonly ContentLine[] = [{ transfer: "x", type: "regular-file", path: "/x", mode: 0o644 }];
  const { stdout } = await sysupdate("list v3", { content: () => ({ contents: one, changeLog: [] }) });
  assert.deepEqual(stdout.split("\n").slice(-3), ["TYPE         PATH MTIME MODE", "regular-file /x       - 0644", ""]);
});

test("an incomplete or half downloaded version is called so", async () => {
  const versions = [sampleVersion("v5", { complete: false })];
  const incomplete = await sysupdate("--offline list v5", { list: () => ({ versions }) });
  assert.match(incomplete.stdout, /State: current\+incomplete\nInstalled: yes \(newest\) \(incomplete\)\n/);
  const partly = [sampleVersion("v9", { ...away, staged: "partial" }), sampleVersion("v8")];
  const partial = await sysupdate("--offline list v9", { list: () => ({ versions: partly }) });
  assert.match(partial.stdout, /State: current\+partial\nInstalled: yes \(newest\) \(partial\)\n/);
});

test("JSON has systemd's fields in systemd's order", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["list", '{"current":"v3","all":["v4","v3","v2"],"appstreamUrls":["https://os.example/appstream.xml"]}\n'],
    [
      "list v3",
      '{"version":"v3","newest":true,"available":true,"installed":true,"partial":false,"pending":false,"obsolete":false,"protected":false,"incomplete":false,"changelogUrls":["https://os.example/v3"],"contents":[' +
        '{"type":"partition","path":"/dev/vda2","ptuuid":"4f68bce3-e8cd-4db1-96e7-fbcaf984b709","ptflags":1152921504606846976,"size":786432000,"noauto":false,"ro":true,"growfs":false},' +
        `{"type":"regular-file","path":"/efi/EFI/Linux/os_v3+3-0.efi","mtime":1773500966000000,"mode":292,"size":65011712,"tries-done":0,"tries-left":3,"sha256":"${"ab".repeat(32)}"}]}\n`,
    ],
    ["check-new", '{"available":"v4"}\n'],
    ["vacuum", '{"removed":1,"disabledTransfers":0}\n'],
    ["features", '{"features":["optional","other"]}\n'],
    [
      "features optional",
      '{"id":"optional","description":"Optional Feature","enabled":false,"transfers":["99-optional"]}\n',
    ],
    [
      "features other",
      '{"id":"other","documentation":["https://os.example/f","https://os.example/g"],"enabled":true,"suggested":true}\n',
    ],
    ["components", '{"default":true,"components":["app","lib"]}\n'],
    ["update", ""],
  ];
  for (const [line, expected] of cases) assert.equal((await sysupdate(`${line} --json=short`)).stdout, expected, line);
});

test("a newest version that waits for its installation is named as systemd names it", async () => {
  const versions = [sampleVersion("v4", { ...away, staged: "pending" }), sampleVersion("v3")];
  const { stdout } = await sysupdate("list --json short", { list: () => ({ versions }) });
  assert.equal(stdout, '{"current+pending":"v4","all":["v4","v3"],"appstreamUrls":[]}\n');
  const empty = await sysupdate("list --json short", { list: () => ({ versions: [] }) });
  assert.equal(empty.stdout, '{"current":null,"all":[],"appstreamUrls":[]}\n');
});

test("list without its source shows what is installed, says why, and ends with 1", async () => {
  const list = (): object => ({ versions: [sampleVersion("v3")], sourceProblem: "the server does not answer" });
  const { stdout, stderr, exitCode } = await sysupdate("list", { list });
  assert.match(stdout, /v3/);
  assert.deepEqual([stderr, exitCode], ["the server does not answer\n", 1]);
  assert.deepEqual((await sysupdate("list --offline", { list })).exitCode, 0);
});

test("check-new prints the version and ends with 0, or with 1 and nothing", async () => {
  const yes = await sysupdate("--verify=no check-new");
  assert.deepEqual([yes.stdout, yes.exitCode, yes.calls[0]?.session.settings.verify], ["v4\n", 0, false]);
  const none = { check: () => ({ available: undefined }) };
  const no = await sysupdate("check-new", none);
  assert.deepEqual([no.stdout, no.exitCode], ["", 1]);
  assert.equal((await sysupdate("check-new --json=short", none)).stdout, '{"available":null}\n');
});

test("update and acquire hand on what was asked, and say what systemd says", async () => {
  const done = await sysupdate("update v4 -m 3 --transfer-source=/src -C app");
  assert.deepEqual(done.calls[0]?.rest, [{ acquireOnly: false, anywhere: true, version: "v4" }]);
  assert.deepEqual(done.calls[0]?.session.settings, {
    live: true,
    offline: false,
    lockWaitMs: 0,
    component: "app",
    instancesMax: 3,
    transferSource: "/src",
  });
  assert.deepEqual([done.stdout, done.stderr, done.exitCode], ["", "✨ Successfully installed update 'v4'.\n", 0]);
  const acquired = await sysupdate("acquire", { update: () => ({ ...sampleUpdate, outcome: "acquired", to: "v4" }) });
  assert.deepEqual(acquired.calls[0]?.rest, [{ acquireOnly: true, anywhere: true }]);
  assert.equal(acquired.stderr, "Acquired update 'v4'.\n");
  const none = { update: () => ({ ...sampleUpdate, outcome: "nothing-to-do" }) };
  assert.deepEqual(
    [(await sysupdate("update", none)).stderr, (await sysupdate("update", none)).exitCode],
    ["No update needed.\n", 0],
  );
  assert.equal(
    (await sysupdate("update v3", none)).stderr,
    "Selected update 'v3' is already installed. Skipping update.\n",
  );
});

test("an installed update with a warning is a success, with an error it is not", async () => {
  const after = async (severity: string): Promise<number> => {
    const findings = [{ ...sampleFinding, severity }];
    return (await sysupdate("update", { update: () => ({ ...sampleUpdate, outcome: "done-with-finding", findings }) }))
      .exitCode;
  };
  assert.deepEqual([await after("warning"), await after("error")], [0, 1]);
});

test("--reboot reboots after an update, --cleanup removes what no definition owns", async () => {
  assert.equal((await sysupdate("update --reboot")).reboots, 1);
  const { calls, stderr } = await sysupdate("update --cleanup=yes");
  assert.deepEqual(
    calls.map(({ deed }) => deed),
    ["update", "cleanup"],
  );
  assert.deepEqual(stderr.split("\n").slice(-3), [
    "Successfully removed 'beta-v1' which is no longer owned by any transfer files.",
    "Kept 'os_1.efi': no transfer file owns it, but a version that boots was installed with it.",
    "",
  ]);
});

test("--component-all updates the host and each component that is switched on", async () => {
  const update = (session: Session): unknown => {
    if (session.settings.component === "lib")
      throw new Fault("component-disabled", "Cannot update lib: Component is disabled.", { kind: "refused" });
    return sampleUpdate;
  };
  const { calls, exitCode, stderr } = await sysupdate("--component-all update", { update });
  assert.deepEqual(
    calls.filter(({ deed }) => deed === "update").map(({ session }) => session.settings.component),
    [undefined, "app", "lib"],
  );
  assert.equal(exitCode, 0);
  assert.match(stderr, /Component is disabled/);
  assert.deepEqual((await sysupdate("--component-all cleanup")).calls.at(-1)?.rest, [{ all: true }]);
});

test("vacuum says what it removed", async () => {
  assert.equal((await sysupdate("vacuum")).stderr, "Removed 'v1': too many.\nRemoved 1 instances.\n");
  const report = { removed: [], kept: [], sweptLeftovers: 0, disabledInstances: 0 };
  assert.equal((await sysupdate("vacuum", { vacuum: () => report })).stderr, "Found nothing to remove.\n");
  const partial = await sysupdate("--offline vacuum", {
    vacuum: () => ({ ...report, sweptLeftovers: 2, disabledInstances: 1 }),
  });
  assert.equal(
    partial.stderr,
    "Removing old partial resources of unfinished work: 2.\nRemoved 1 instances, and 1 disabled transfers.\n",
  );
});

test("pending and reboot compare what is installed with what runs", async () => {
  const running = (version: string | undefined): object => ({ status: () => ({ ...sampleStatus, running: version }) });
  const newer = await sysupdate("pending");
  assert.deepEqual(
    [newer.stderr, newer.exitCode],
    ["Newest installed version '24.3' is newer than booted version '24.2'. Reboot recommended.\n", 0],
  );
  assert.equal((await sysupdate("pending", running("24.3"))).exitCode, 1);
  assert.match((await sysupdate("pending", running("25"))).stderr, /'24\.3' is older than booted version '25'/);
  assert.equal((await sysupdate("reboot")).reboots, 1);
  const same = await sysupdate("reboot", running("24.3"));
  assert.deepEqual([same.reboots, same.exitCode], [0, 0]);
  assert.equal((await sysupdate("pending", running(undefined))).exitCode, 1);
  assert.equal((await sysupdate("pending --root=/mnt")).exitCode, 1);
});

test("features and components are listed as systemd lists them", async () => {
  assert.deepEqual((await sysupdate("features")).stdout.split("\n"), [
    "ENABLED SUGGESTED FEATURE  DESCRIPTION      DOCUMENTATION",
    "✗       -         optional Optional Feature -",
    "✓       ✓         other    -                https://os.example/f",
    "                                            https://os.example/g",
    "",
    "2 features listed.",
    "",
  ]);
  assert.equal(
    (await sysupdate("features optional")).stdout,
    "       Name: optional\n    Enabled: no\n  Suggested: error (Invalid argument)\n" +
      "Description: Optional Feature\n  Transfers: 99-optional\n",
  );
  assert.deepEqual(
    [(await sysupdate("features none")).stderr, (await sysupdate("features none")).exitCode],
    ["Optional feature not found: none\n", 1],
  );
  assert.deepEqual((await sysupdate("components --no-legend")).stdout.split("\n"), [
    "- - <default> Default Component -",
    "✓ ✓ app       App               -",
    "✗ ✗ lib       -                 -",
    "",
  ]);
  const none = await sysupdate("components", { components: () => ({ default: false, components: [] }) });
  assert.deepEqual([none.stdout, none.stderr], ["", "No components defined.\n"]);
});

test("a command line that systemd refuses is refused, always with 1", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["frob", "Unknown command verb 'frob'."],
    ["updat", "Unknown command verb 'updat', did you mean 'update'?"],
    ["constructor", "Unknown command verb 'constructor'."],
    ["list 1 2", "Too many arguments."],
    ["vacuum 1", "Too many arguments."],
    ["--frob", "unrecognized option '--frob'"],
    ["update -m 1", "The --instances-max= argument must be >= 2 while updating"],
    ["vacuum -m 0", "The --instances-max= argument must be >= 1 while vacuuming"],
    ["list -A", "--component-all/--component-suggested currently not supported for 'list'."],
    ["update -s", "--feature-all/--feature-suggested is not supported for 'update'."],
    ["cleanup --cleanup=no", "Invocation of 'cleanup' with --cleanup=no is contradictory, refusing."],
    ["update --image=/x.raw", "Cannot work on a disk image: Holdfast does not mount images itself"],
  ];
  for (const [line, message] of cases) {
    const { stdout, stderr, exitCode, calls } = await sysupdate(line);
    assert.deepEqual([stderr.split("\n")[0], stdout, exitCode], [`systemd-sysupdate: ${message}`, "", 1], line);
    assert.deepEqual(calls, []);
  }
});

test("every failure of the agent ends with 1, whatever its kind", async () => {
  const update = (): never => {
    throw new Fault("no-space", "Cannot update: /efi is full", { kind: "refused", hint: "Free 5 MiB." });
  };
  const { stdout, stderr, exitCode } = await sysupdate("update --json=short", { update });
  assert.deepEqual(
    [stdout, stderr, exitCode],
    ["", "systemd-sysupdate: Cannot update: /efi is full\nFree 5 MiB.\n", 1],
  );
});

test("--help, --version and --json=help answer and end with 0", async () => {
  const help = await sysupdate("update --help");
  assert.match(help.stdout, /^Usage: systemd-sysupdate \[OPTION\]\.\.\. VERB\n/);
  for (const line of help.stdout.split("\n")) assert.ok(line.length <= 80, line);
  assert.match((await sysupdate("--version")).stdout, /^systemd \d+ \(Holdfast \d+\.\d+\.\d+\)\n$/);
  assert.equal((await sysupdate("--json=help")).stdout, "pretty\nshort\noff\n");
  assert.equal(help.exitCode, 0);
});

test("`holdfast sysupdate` is the same, under its own name", async () => {
  const { stderr, exitCode } = await runSample(["sysupdate", "frob"], { answers });
  assert.match(stderr, /^holdfast sysupdate: Unknown command verb 'frob'\./);
  assert.equal(exitCode, 1);
  assert.equal((await runSample(["sysupdate", "check-new"], { answers })).stdout, "v4\n");
});
