// systemd's own integration suite for systemd-sysupdate, run against bin/holdfast under that name (DESIGN, Compatibility).
// The suite is taken from Debian's package at test time; test-72-SUITE.patch holds every exception and its reason.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { DebianError } from "../../src/adapter/debian/apt.ts";
import type { Suite } from "../../tools/toolbox/table.ts";
import { ensurePackages } from "../../tools/toolbox/toolbox.ts";
import { MachineRoot, whyNoMachineRoot } from "./machine-root.ts";

const script = "usr/lib/systemd/tests/testdata/units/TEST-72-SYSUPDATE.sh";
const holdfast = join(import.meta.dirname, "../../bin/holdfast");

/** What the suite calls, and what Node 26 links to. */
const packages = (
  "bash coreutils dash diffutils fdisk findutils gnupg grep gzip jq libatomic1 libc-bin libstdc++6 mawk mount patch " +
  "sed tar util-linux"
).split(" ");

export interface SuiteRun {
  readonly suite: Suite;
  /** What this suite calls beyond that; all packages then come from the suite itself. */
  readonly more?: readonly string[];
  /** The part that `npm test` runs, as variables of the patch; HOLDFAST_INTEROP=full (npm run test:interop) runs all. */
  readonly part: Readonly<Record<string, string>>;
}

const isFull = process.env["HOLDFAST_INTEROP"] === "full";
/** Several times what it takes on two idle cores. */
const timeoutMs = isFull ? 30 * 60_000 : 15 * 60_000;

const commands = `
set -e
ln -sf "$HOLDFAST" /usr/lib/systemd/systemd-sysupdate
ln -sf "$HOLDFAST" /usr/bin/systemd-sysupdate
cd /tmp
cat >exceptions.patch
cp /suite/${script} .
patch --quiet --strip=0 --fuzz=0 --input=exceptions.patch
bash TEST-72-SYSUPDATE.sh
test -e /testok
`;

async function patchOf(suite: Suite): Promise<string> {
  return readFile(join(import.meta.dirname, `test-72-${suite}.patch`), "utf8");
}

/** The suite tells every command it runs: its last ones say where it stopped. */
function tail(output: string): string {
  return output.split("\n").slice(-60).join("\n");
}

async function runSuite(t: TestContext, { suite, part, more }: SuiteRun): Promise<void> {
  const why = await whyNoMachineRoot();
  if (why !== undefined) return t.skip(why);
  const fetched = await Promise.all([
    ensurePackages(suite, ["systemd-tests"], { only: "systemd-tests" }),
    more === undefined ? ensurePackages("trixie", packages) : ensurePackages(suite, [...packages, ...more]),
  ]).catch((error: Error) => error);
  if (fetched instanceof DebianError) return t.skip(`the packages cannot be had: ${fetched.message}`);
  if (fetched instanceof Error) throw fetched;
  const [tests, tree] = fetched;
  await using root = await MachineRoot.create([tree]);
  const { exitCode, output } = await root.run({
    command: ["bash", "-c", commands],
    see: { [tests]: "/suite" },
    // The checkout is read only in there, and starting without compiled sources takes twice as long.
    environment: { HOLDFAST: holdfast, NODE_COMPILE_CACHE: "/run/compiled", ...(isFull ? {} : part) },
    timeoutMs,
    input: await patchOf(suite),
  });
  assert.equal(exitCode, 0, `${exitCode === null ? `killed after ${timeoutMs} ms` : "failed"}:\n${tail(output)}`);
}

/** Every section of the patch follows a comment. */
async function demandReasons(suite: Suite): Promise<void> {
  const [head = "", ...sections] = (await patchOf(suite)).split(/^--- TEST-72-SYSUPDATE\.sh$/m);
  assert.ok(sections.length > 0);
  for (const before of [head, ...sections.slice(0, -1)]) assert.match(before.split("\n").at(-2) ?? "", /^# .{20,}$/);
}

export function testSuite(run: SuiteRun): void {
  const { suite } = run;
  test(`the suite of ${suite} passes with Holdfast in the place of systemd-sysupdate`, async (t) => runSuite(t, run));
  test(`every exception to the suite of ${suite} has a reason`, async () => demandReasons(suite));
}
