// What the initrd decides after a failed boot (P8), in each of the two shells that initrds have.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ensurePackages } from "../../tools/toolbox/toolbox.ts";
import { type FailedBoot, type Reaction, reactTo, type Shell, shells } from "./failed-boot.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-shells-"));
after(() => rm(folder, { recursive: true }));
const packageTree = await ensurePackages("trixie", ["busybox-static"]).catch(() => undefined);
const busybox = packageTree && join(packageTree, "usr/bin/busybox");
const usable: readonly Shell[] = busybox === undefined ? [] : await shells(busybox, folder);

/** As systemd-boot lists its menu: some with counters in the names, others without. */
const trixie = { LoaderEntries: "os_3+0-3.efi\0os_2+0-3.efi\0os_1+0-3.efi" };
const forky = { LoaderEntries: "os_3.efi\0os_2.efi\0os_1.efi" };
const uncounted = { ...trixie, StubImageIdentifier: "\\EFI\\Linux\\os_2.efi", LoaderEntrySelected: "os_2.efi" };
const counted = (path: string, selected: string): Record<string, string> => ({
  LoaderBootCountPath: `\\EFI\\Linux\\${path}`,
  StubImageIdentifier: `\\EFI\\Linux\\${path}`,
  LoaderEntrySelected: selected,
});
const failedTwo = "failed os_2.efi image-missing said so";
const good = { "EFI/holdfast/known-good.txt": "os_2.efi\nos_1.efi\n" };
const before = (...lines: readonly string[]): Record<string, string> => ({
  "EFI/holdfast/failures.txt": lines.map((line) => `1700000000\t${line.replaceAll(" ", "\t")}\n`).join(""),
});

const cases: readonly (readonly [what: string, boot: FailedBoot, reaction: Partial<Reaction>])[] = [
  [
    "a counted entry with tries left is left to the loader",
    {
      entries: ["os_1.efi", "os_2+2-1.efi"],
      variables: { ...trixie, ...counted("os_2+2-1.efi", "os_2+3-0.efi") },
    },
    { decision: "reboot", chosen: "", entries: ["os_1.efi", "os_2+2-1.efi"], failures: [failedTwo] },
  ],
  [
    "also where nothing else would start",
    { entries: ["os_1+0-3.efi", "os_2+2-1.efi"], variables: { ...forky, ...counted("os_2+2-1.efi", "os_2.efi") } },
    { decision: "reboot", chosen: "", oneShot: undefined },
  ],
  [
    "of two names of one entry the one that was told counts",
    {
      entries: ["os_1.efi", "os_2+2-1.efi", "os_2.efi"],
      variables: { ...forky, ...counted("os_2+2-1.efi", "os_2.efi") },
    },
    { decision: "reboot", chosen: "", entries: ["os_1.efi", "os_2+2-1.efi", "os_2.efi"] },
  ],
  [
    "nothing is renamed over what is there: the loader is pointed at another",
    { entries: ["os_1.efi", "os_2.efi"], before: ": >EFI/Linux/os_2+0-1.efi", variables: uncounted },
    {
      decision: "reboot",
      chosen: "os_1.efi",
      oneShot: "os_1.efi",
      entries: ["os_1.efi", "os_2+0-1.efi", "os_2.efi"],
    },
  ],
  [
    "after its last try another one that is not bad comes by itself",
    {
      entries: ["os_1.efi", "os_2+0-3.efi"],
      variables: { ...trixie, ...counted("os_2+0-3.efi", "os_2+1-2.efi") },
    },
    { decision: "reboot", chosen: "", entries: ["os_1.efi", "os_2+0-3.efi"], failures: [failedTwo] },
  ],
  [
    "an entry without a counter is marked bad",
    { entries: ["os_1.efi", "os_2.efi"], variables: uncounted },
    { decision: "reboot", chosen: "", entries: ["os_1.efi", "os_2+0-1.efi"], failures: [failedTwo] },
  ],
  [
    "without the stub's word the loader's will do",
    { entries: ["os_1.efi", "os_2.efi"], variables: { ...forky, LoaderEntrySelected: "os_2.efi" } },
    { entries: ["os_1.efi", "os_2+0-1.efi"], failures: [failedTwo] },
  ],
  [
    "a type 1 entry is marked bad as well",
    {
      entries: ["loader/entries/os_2.conf", "os_1.efi"],
      variables: { ...forky, LoaderEntrySelected: "os_2.conf" },
    },
    {
      entries: ["loader/entries/os_2+0-1.conf", "os_1.efi"],
      failures: ["failed os_2.conf image-missing said so"],
    },
  ],
  [
    "an entry that has two names is not touched: the loader is pointed at another",
    { entries: ["os_1.efi", "os_2.efi", "os_2+2-1.efi", "os_3+0-3.efi"], variables: uncounted },
    {
      decision: "reboot",
      chosen: "os_2.efi",
      entries: ["os_1.efi", "os_2+2-1.efi", "os_2.efi", "os_3+0-3.efi"],
      oneShot: "os_2+2-1.efi",
    },
  ],
  [
    "a default that names a bad entry is overruled for once, by what was good last",
    {
      entries: ["os_1.efi", "os_2+0-3.efi", "os_3.efi"],
      files: { "EFI/holdfast/known-good.txt": "os_2.efi\nos_1.efi\n" },
      variables: { ...forky, ...counted("os_2+0-3.efi", "os_2.efi"), LoaderEntryDefault: "OS_2*" },
    },
    { decision: "reboot", chosen: "os_1.efi", oneShot: "os_1.efi", failures: [failedTwo, "chosen os_1.efi - -"] },
  ],
  [
    "so is one in loader.conf",
    {
      entries: ["os_1.efi", "os_2+0-3.efi"],
      files: { "loader/loader.conf": "timeout 3\ndefault os_2*\n#default os_1.efi\n" },
      variables: { ...trixie, ...counted("os_2+0-3.efi", "os_2+0-2.efi") },
    },
    { decision: "reboot", oneShot: "os_1.efi" },
  ],
  [
    "and one that stands for what was booted last",
    {
      entries: ["os_1.efi", "os_2+0-3.efi"],
      variables: {
        ...forky,
        ...counted("os_2+0-3.efi", "os_2.efi"),
        LoaderEntryDefault: "@saved",
        LoaderEntryLastBooted: "os_2.efi",
      },
    },
    { decision: "reboot", oneShot: "os_1.efi" },
  ],
  [
    "a default that names another one is not in the way",
    {
      entries: ["os_1.efi", "os_2.efi"],
      variables: { ...uncounted, ...forky, LoaderEntryDefault: "os_1.efi" },
    },
    { decision: "reboot", chosen: "", oneShot: undefined },
  ],
  [
    "where all are bad the one that was good last comes first, though it is not the newest",
    {
      entries: ["os_1+0-3.efi", "os_2+0-3.efi", "os_3+0-3.efi"],
      files: { "EFI/holdfast/known-good.txt": "os_1.efi\n" },
      variables: { ...forky, ...counted("os_3+0-3.efi", "os_3.efi") },
    },
    {
      decision: "reboot",
      oneShot: "os_1.efi",
      failures: ["failed os_3.efi image-missing said so", "chosen os_1.efi - -"],
    },
  ],
  [
    "a loader that takes counters for a part of names is told the name with its counter",
    {
      entries: ["os_1+0-3.efi", "os_2+0-3.efi"],
      files: good,
      variables: { ...trixie, ...counted("os_2+0-3.efi", "os_2+0-2.efi") },
    },
    { decision: "reboot", chosen: "os_1.efi", oneShot: "os_1+0-3.efi" },
  ],
  [
    "one that says nothing of its menu is told the name without",
    { entries: ["os_1+0-3.efi", "os_2+0-3.efi"], files: good, variables: counted("os_2+0-3.efi", "os_2.efi") },
    { decision: "reboot", oneShot: "os_1.efi" },
  ],
  [
    "without a word about good ones the newest comes first, but for what has just failed",
    {
      entries: ["os_9+0-3.efi", "os_10+0-3.efi", "os_11+0-3.efi"],
      variables: counted("os_11+0-3.efi", "os_11.efi"),
    },
    { decision: "reboot", oneShot: "os_10.efi" },
  ],
  [
    "an uncounted one that fails while the other is bad leads to the other",
    { entries: ["os_1+0-3.efi", "os_2.efi"], files: good, variables: { ...uncounted, ...forky } },
    { decision: "reboot", oneShot: "os_1.efi", entries: ["os_1+0-3.efi", "os_2+0-1.efi"] },
  ],
  [
    "each is chosen once, what failed first at the end",
    {
      entries: ["os_1+0-4.efi", "os_2+0-3.efi"],
      files: { ...good, ...before("failed os_2.efi other -", "chosen os_1.efi - -") },
      variables: { ...forky, ...counted("os_1+0-4.efi", "os_1.efi") },
    },
    { decision: "reboot", oneShot: "os_2.efi" },
  ],
  [
    "what has not failed yet comes before what has",
    {
      entries: ["os_1+0-3.efi", "os_2+0-4.efi", "os_3+0-3.efi"],
      files: { ...good, ...before("failed os_3.efi other -", "chosen os_2.efi - -") },
      variables: { ...forky, ...counted("os_2+0-4.efi", "os_2.efi") },
    },
    { decision: "reboot", oneShot: "os_1.efi" },
  ],
  [
    "what was chosen and did not come gets a try by its name",
    {
      entries: ["os_1+0-3.efi", "os_2+0-5.efi"],
      files: before("failed os_2.efi other -", "chosen os_1.efi - -"),
      variables: { ...forky, ...counted("os_2+0-5.efi", "os_2.efi") },
    },
    { decision: "reboot", chosen: "os_1.efi", oneShot: undefined, entries: ["os_1+1-0.efi", "os_2+0-5.efi"] },
  ],
  [
    "what the loader does not show is no way out",
    {
      entries: ["os_1.efi", "os_2+0-3.efi", "os_3+0-3.efi"],
      variables: { LoaderEntries: "os_3.efi\0os_2.efi", ...counted("os_3+0-3.efi", "os_3.efi") },
    },
    { decision: "reboot", oneShot: "os_2.efi" },
  ],
  [
    "when all were chosen there is the page",
    {
      entries: ["os_1+0-4.efi", "os_2+0-4.efi"],
      files: { ...good, ...before("chosen os_1.efi - -", "chosen os_2.efi - -") },
      variables: { ...forky, ...counted("os_2+0-4.efi", "os_2.efi") },
    },
    { decision: "page", chosen: "", oneShot: undefined },
  ],
  [
    "and after it each gets its turn again",
    {
      entries: ["os_1+0-4.efi", "os_2+0-4.efi"],
      files: { ...good, ...before("chosen os_1.efi - -", "chosen os_2.efi - -", "again - - -") },
      variables: { ...forky, ...counted("os_2+0-4.efi", "os_2.efi") },
    },
    { decision: "reboot", oneShot: "os_1.efi" },
  ],
  [
    "an entry alone is tried once more before the page",
    { entries: ["os_2.efi"], variables: { ...uncounted, ...forky } },
    { decision: "reboot", chosen: "os_2.efi", oneShot: "os_2.efi", entries: ["os_2+0-1.efi"] },
  ],
  [
    "empty, hidden and reserved files are no way out",
    {
      entries: ["auto-other.efi", "os_1+0-3.efi", "os_2.efi", ".holdfast-0011223344556677.efi"],
      before: ": >EFI/Linux/os_3.efi",
      files: good,
      variables: { ...uncounted, ...forky },
    },
    { decision: "reboot", oneShot: "os_1.efi" },
  ],
  [
    "without variables an entry gets a try by its name",
    {
      entries: ["os_1+0-3.efi", "os_2+0-3.efi"],
      before:
        "rm -rf ../efivars/LoaderEntryOneShot*; mkdir -p ../efivars/LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
      variables: { ...forky, ...counted("os_2+0-3.efi", "os_2.efi") },
    },
    { decision: "reboot", chosen: "os_1.efi", entries: ["os_1+1-0.efi", "os_2+0-3.efi"] },
  ],
  [
    "without an ESP there is nothing but a reboot",
    { entries: ["os_1.efi", "os_2.efi"], variables: uncounted, noEsp: true },
    { decision: "reboot", recorded: "no", entries: ["os_1.efi", "os_2.efi"], failures: [] },
  ],
  [
    "where nothing can be written down nothing is begun that needs a memory",
    {
      entries: ["os_1+0-3.efi", "os_2+0-3.efi"],
      before: ": >EFI/holdfast",
      variables: { ...forky, ...counted("os_2+0-3.efi", "os_2.efi") },
    },
    { decision: "reboot", recorded: "no", chosen: "", oneShot: undefined },
  ],
  [
    "and yet an entry is marked bad",
    { entries: ["os_1.efi", "os_2.efi"], before: ": >EFI/holdfast", variables: uncounted },
    { decision: "reboot", recorded: "no", entries: ["os_1.efi", "os_2+0-1.efi"] },
  ],
  [
    "a machine that does not tell what it booted is left to its loader",
    { entries: ["os_1.efi", "os_2.efi"] },
    {
      decision: "reboot",
      chosen: "",
      entries: ["os_1.efi", "os_2.efi"],
      failures: ["failed - image-missing said so"],
    },
  ],
  [
    "the loader itself is no entry",
    {
      entries: ["os_1.efi", "os_2.efi"],
      variables: { StubImageIdentifier: "\\EFI\\BOOT\\BOOTX64.EFI", LoaderEntrySelected: "os_2.efi" },
    },
    { entries: ["os_1.efi", "os_2+0-1.efi"] },
  ],
  [
    "a record that has grown too long is begun anew",
    {
      entries: ["os_1.efi", "os_2.efi"],
      before: "mkdir -p EFI/holdfast; head -c 70000 /dev/zero | tr '\\0' x >EFI/holdfast/failures.txt",
      variables: uncounted,
    },
    { failures: [failedTwo] },
  ],
];

const missed = (times: number): FailedBoot => ({
  entries: ["os_1.efi", "os_2.efi"],
  files: before(...Array.from({ length: times }, () => "failed os_2.efi disk-missing none")),
  variables: uncounted,
});

for (const shell of usable) {
  describe(`after a failed boot, in ${shell.name}`, () => {
    for (const [what, boot, wanted] of cases)
      test(what, async () => {
        const reaction = await reactTo(shell, boot);
        const told = Object.fromEntries(Object.keys(wanted).map((key) => [key, reaction[key as keyof Reaction]]));
        assert.deepEqual(told, wanted);
      });
  });

  test(`a good version is not given up for a disk that is missing three times, in ${shell.name}`, async () => {
    for (const [times, entries] of [
      [0, ["os_1.efi", "os_2.efi"]],
      [2, ["os_1.efi", "os_2.efi"]],
      [3, ["os_1.efi", "os_2+0-1.efi"]],
    ] as const)
      assert.deepEqual((await reactTo(shell, missed(times), "disk-missing")).entries, entries);
  });
}

test("both shells are here", { skip: usable.length > 0 ? false : "busybox cannot be had" }, () => {
  assert.deepEqual(
    usable.map(({ name }) => name),
    ["dash", "busybox ash"],
  );
});
