// `holdfast simulate` as a distribution's CI runs it: a folder of definitions, exit code, JSON and JUnit, and nothing else written.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeMachine } from "../../tools/lab/machine-tree.ts";
import { makeSmallRelease } from "../../tools/lab/small-release.ts";
import { holdfast, json, reason } from "./run.ts";

let folder = "";
let definitions = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-simulate-"));
  const machine = await makeMachine(join(folder, "root"), { source: "https://updates.example/os", index: true });
  definitions = join(folder, "sysupdate.d");
  await cp(machine.definitions, definitions, { recursive: true });
});
after(() => rm(folder, { recursive: true, force: true }));

/** Few states: what is simulated is tested elsewhere. */
const quick = ["--seconds=4", "--states=4", "--versions=1,2"];

interface Report {
  readonly verdict: string;
  readonly seed: number;
  readonly scenarios: readonly { readonly name: string; readonly result: string }[];
  readonly transfers: readonly {
    readonly transfer: string;
    readonly contentBytes: number;
    readonly sizeFrom: string;
  }[];
  readonly volumes: readonly { readonly mountPoint: string; readonly from: string }[];
}

test("a folder of definitions alone gives an answer, a JUnit file, and nothing else", async () => {
  const work = await mkdtemp(join(folder, "work-"));
  const ended = await holdfast(["simulate", `--definitions=${definitions}`, "--junit=out.xml", ...quick], {
    cwd: work,
  });
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  assert.match(ended.stdout, /^All promises held: \d+ power cuts, \d+ disk states\.\n/);
  assert.match(ended.stdout, /\nheld +\d+ +\d+ {2}update from 1 to 2/);
  assert.match(ended.stderr, /^\[1\/5\] Cut the power: first install of 1\n/);
  assert.deepEqual(await readdir(work), ["out.xml"]);
  const junit = await readFile(join(work, "out.xml"), "utf8");
  assert.match(junit, /<testsuites tests="6" failures="0" errors="0"/);
});

test("the machine of --root gives sizes and disks, and is not touched", async () => {
  const release = await makeSmallRelease(join(folder, "release"), { version: "1" });
  const source = "https://updates.example/os";
  const machine = await makeMachine(join(folder, "machine"), { source, installed: [release] });
  const names = async (): Promise<readonly string[]> => (await readdir(machine.root, { recursive: true })).sort();
  const seen = await names();
  const ended = await holdfast(["simulate", `--root=${machine.root}`, "--json", ...quick]);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  const report = json(ended) as Report;
  assert.deepEqual(
    report.transfers.map(({ transfer, contentBytes, sizeFrom }) => [transfer, contentBytes, sizeFrom]),
    release.files.map(({ role, sizeBytes }) => [role === "entry" ? "30-uki" : "20-root", sizeBytes, "machine"]),
  );
  assert.deepEqual([report.verdict, report.seed, report.volumes[0]?.from], ["held", 1, "machine"]);
  assert.deepEqual(await names(), seen);
});

test("what is an error without being a broken promise ends with 7", async () => {
  const args = ["simulate", `--definitions=${definitions}`, "--size=30-uki=300M", "--json", ...quick];
  const ended = await holdfast(args);
  assert.equal(ended.code, 7, ended.stdout + ended.stderr);
  assert.equal((json(ended) as Report).verdict, "held-with-findings");
});

test("bad input gets one sentence, a remedy and its exit code, and nothing is written", async () => {
  const work = await mkdtemp(join(folder, "bad-"));
  await mkdir(join(work, "empty"));
  await mkdir(join(work, "broken"));
  await writeFile(
    join(work, "broken/10-a.transfer"),
    "[Source]\nType=url-file\nPath=https://a.example\nMatchPattern=a\n[Target]\nPath=/a\n",
  );
  await writeFile(join(work, "broken.json"), "{");
  const own = `--definitions=${definitions}`;
  const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [["--definitions=empty"], 2, /^Cannot simulate: there are no definitions in .*\/empty$/],
    [["--definitions=absent"], 2, /^Cannot simulate: there are no definitions in .*\/absent$/],
    [["--definitions=broken"], 4, /broken\/10-a\.transfer:4: .* it has no @v/],
    [[own, "--layout=broken.json"], 2, /^Cannot use the layout broken\.json: it is not JSON$/],
    [[own, "--layout=absent.json"], 2, /^Cannot use the layout absent\.json: there is no such file$/],
    [[own, "--size=nobody=1G"], 2, /^Cannot use a size for "nobody": there is no such transfer$/],
    [[own, "--sized=1"], 2, /^Cannot understand --sized: `holdfast simulate` has no such option$/],
    [[own, "--feature=x=on"], 2, /^Cannot switch "x": there is no such feature$/],
  ];
  for (const [args, code, said] of cases) {
    const ended = await holdfast(["simulate", ...args, "--junit=no.xml", ...quick], { cwd: work });
    assert.equal(ended.code, code, `${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
    assert.match(reason(ended), said);
    assert.equal(ended.stderr.trimEnd().split("\n").length, 2, ended.stderr);
  }
  assert.deepEqual((await readdir(work)).sort(), ["broken", "broken.json", "empty"]);
});
