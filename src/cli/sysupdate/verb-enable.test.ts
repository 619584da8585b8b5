import assert from "node:assert/strict";
import { test } from "node:test";
import type { Disk } from "../../port/disk.ts";
import { type Outcome, runSample } from "../sample-world.ts";
import { runSysupdate } from "./run.ts";

/** Just enough of a disk to write a drop-in: what was done to it, in order. */
function recordingDisk(deeds: string[], present: readonly string[]): Disk {
  const paths = new Set(present);
  const disk = {
    resolve: async (path: string) => (paths.has(path) ? path : undefined),
    stat: async () => undefined,
    makeFolder: async (path: string) => {
      paths.add(path);
      deeds.push(`folder ${path}`);
    },
    open: async (path: string, mode: string) => {
      deeds.push(`${mode} ${path}`);
      return {
        write: async (_offset: number, bytes: Uint8Array) => void deeds.push(new TextDecoder().decode(bytes)),
        setMode: async (mode: number) => void deeds.push(`mode ${mode.toString(8)}`),
        sync: async () => void deeds.push("sync"),
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    replace: async (from: string, to: string) => void deeds.push(`replace ${from} ${to}`),
    syncFolder: async (path: string) => void deeds.push(`sync ${path}`),
  };
  return disk as unknown as Disk;
}

const answers = {
  features: () => [
    { id: "a", documentation: [], enabled: false, suggested: { kind: "yes" }, transfers: [] },
    { id: "b", documentation: [], enabled: false, suggested: { kind: "unknown", why: "odd" }, transfers: [] },
  ],
  components: () => ({
    default: true,
    components: [
      { id: "app", documentation: [], enabled: true, suggested: { kind: "no" } },
      { id: "lib", documentation: [], enabled: true, suggested: { kind: "yes" } },
    ],
  }),
};

async function run(line: string, deeds: string[] = []): Promise<Outcome> {
  const machine = { disk: recordingDisk(deeds, ["/etc"]) };
  return runSample(line.split(" "), { answers, machine, invokedAs: "systemd-sysupdate" }, runSysupdate);
}

test("a feature is enabled by systemd's drop-in, written beside and put in place at once", async () => {
  const deeds: string[] = [];
  const { stderr, exitCode } = await run("enable-feature a", deeds);
  assert.deepEqual([stderr, exitCode], ["Feature 'a' enabled.\n", 0]);
  assert.deepEqual(deeds, [
    "folder /etc/sysupdate.d",
    "folder /etc/sysupdate.d/a.feature.d",
    "create /etc/sysupdate.d/a.feature.d/.50-systemd-sysupdate-enabled.conf.new",
    "# Generated via 'systemd-sysupdate enable-feature'\n\n[Feature]\nEnabled=yes\n",
    "mode 644",
    "sync",
    "replace /etc/sysupdate.d/a.feature.d/.50-systemd-sysupdate-enabled.conf.new /etc/sysupdate.d/a.feature.d/50-systemd-sysupdate-enabled.conf",
    "sync /etc/sysupdate.d/a.feature.d",
  ]);
});

test("all features of a component are disabled at once", async () => {
  const deeds: string[] = [];
  const { stderr } = await run("disable-feature -a -C app", deeds);
  assert.equal(stderr, "Feature 'a' disabled.\nFeature 'b' disabled.\n");
  assert.ok(deeds.includes("folder /etc/sysupdate.app.d/b.feature.d"));
  assert.ok(deeds.includes("# Generated via 'systemd-sysupdate disable-feature'\n\n[Feature]\nEnabled=no\n"));
});

test("a component is switched by a drop-in of its own", async () => {
  const deeds: string[] = [];
  assert.equal((await run("enable-component app", deeds)).stderr, "Component 'app' enabled.\n");
  assert.ok(deeds.includes("folder /etc/sysupdate.app.component.d"));
  assert.ok(deeds.some((deed) => deed.endsWith("[Component]\nEnabled=yes\n")));
});

test("what is suggested is switched, what cannot be told is passed over", async () => {
  assert.equal(
    (await run("-s enable-feature")).stderr,
    "Failed to determine if feature 'b' of component '<default>' is suggested, skipping: odd\nFeature 'a' enabled.\n",
  );
  assert.equal((await run("-S disable-component")).stderr, "Component 'lib' disabled.\n");
});

test("features of all components are switched at once", async () => {
  const deeds: string[] = [];
  assert.equal((await run("-A enable-feature a", deeds)).exitCode, 0);
  assert.deepEqual(
    deeds.filter((deed) => deed.endsWith("a.feature.d") && deed.startsWith("folder")),
    [
      "folder /etc/sysupdate.d/a.feature.d",
      "folder /etc/sysupdate.app.d/a.feature.d",
      "folder /etc/sysupdate.lib.d/a.feature.d",
    ],
  );
});

test("what is not known is not switched", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["enable-feature c", "Optional feature not found in component '<default>': c"],
    ["enable-component x", "Component not found: x"],
    [
      "enable-feature",
      "systemd-sysupdate: Either specify features as positional parameter or via --feature-all/--feature-suggested, not both.",
    ],
    ["enable-feature ../x", "systemd-sysupdate: Feature name invalid: ../x"],
    ["enable-component", "systemd-sysupdate: No component specified."],
    [
      "enable-feature a --definitions=/x",
      "systemd-sysupdate: The --definitions= switch may not be combined with 'enable-feature'.",
    ],
  ];
  for (const [line, message] of cases) {
    const deeds: string[] = [];
    const { stderr, exitCode } = await run(line, deeds);
    assert.deepEqual([stderr.split("\n")[0], exitCode, deeds], [message, 1, []], line);
  }
});
