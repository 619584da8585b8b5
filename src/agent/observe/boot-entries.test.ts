import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../base/ids.ts";
import type { VersionRecord } from "../../domain/records.ts";
import { sampleDigest } from "../../domain/sample-situation.ts";
import { tinyUki } from "../../format/pe.fixture.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import type { Content } from "../../sim/disk/content.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { ObservedEntry } from "../../domain/graph.ts";
import { readBootEntries } from "./boot-entries.ts";
import { findBootFolders } from "./boot-folders.ts";
import type { PlannedFault } from "../../sim/fault-plan.ts";

const linux = "/efi/EFI/Linux";
const entries = "/efi/loader/entries";
const osRelease = 'ID=demo\nIMAGE_ID=kiosk\nIMAGE_VERSION=7\nPRETTY_NAME="Kiosk 7"\n';

async function read(
  files: Readonly<Record<string, Content | Uint8Array | string>>,
  records: readonly VersionRecord[] = [],
  faults: readonly PlannedFault[] = [],
): Promise<readonly ObservedEntry[]> {
  const { session } = sessionOn(bareWorld({ "/efi/EFI/x": "", ...files }), {}, faults);
  return readBootEntries(session, await findBootFolders(session), records);
}

async function only(
  files: Parameters<typeof read>[0],
  ...rest: [(readonly VersionRecord[])?, (readonly PlannedFault[])?]
): Promise<ObservedEntry> {
  const found = await read(files, ...rest);
  assert.equal(found.length, 1);
  return found[0] as ObservedEntry;
}

test("a UKI is told by its own os-release and command line", async () => {
  const uki = tinyUki({ osRelease, cmdline: "quiet roothash=00" });
  const { entry, commandLine, files } = await only({ [`${linux}/os_7+3-0.efi`]: uki });
  const { stamp, ...rest } = entry;
  assert.ok(stamp.length > 0);
  assert.deepEqual(rest, {
    id: "os_7.efi",
    path: `${linux}/os_7+3-0.efi`,
    fileName: "os_7+3-0.efi",
    where: "esp",
    type: 2,
    tries: { left: 3, done: 0, leftWidth: 1, doneWidth: 1 },
    title: "Kiosk 7",
    version: "7",
    sortKey: "kiosk",
    machineId: undefined,
    loadable: { kind: "yes" },
    sizeBytes: uki.length,
  });
  assert.deepEqual([commandLine, files], ["quiet roothash=00", []]);
});

test("what the loader makes of a damaged UKI is what is observed", async () => {
  const whole = tinyUki({ osRelease, payload: "k".repeat(5000) });
  const table: readonly (readonly [string, Uint8Array, string])[] = [
    ["an empty file", new Uint8Array(), "ignored"],
    ["zeros", new Uint8Array(4096), "ignored"],
    ["cut short", whole.slice(0, whole.length - 1024), "fails"],
    ["nonsense", new TextEncoder().encode("no program at all"), "ignored"],
    ["no os-release", tinyUki({ osRelease: "" }), "yes"],
  ];
  for (const [what, bytes, kind] of table) {
    const { entry } = await only({ [`${linux}/os_7.efi`]: bytes });
    if (what !== "no os-release") assert.equal(entry.loadable.kind, kind, what);
  }
});

test("a file that is no PE counts when a record vouches for its bytes", async () => {
  const bytes = new TextEncoder().encode("some other kernel format");
  const hasher = simDigest.sha256();
  hasher.update(bytes);
  const record = (sha256: ReturnType<typeof hasher.finish>): VersionRecord => ({
    format: 1,
    version: parseVersion("7"),
    installedAtMs: 0,
    resources: [
      {
        transfer: "20-uki",
        role: "entry",
        place: { kind: "file", path: `${linux}/os_7.efi` },
        content: { kind: "bytes", sha256, sizeBytes: bytes.length },
        trust: "proven",
      },
    ],
  });
  const files = { [`${linux}/os_7.efi`]: bytes };
  assert.equal((await only(files)).entry.loadable.kind, "ignored");
  assert.equal((await only(files, [record(sampleDigest("other"))])).entry.loadable.kind, "ignored");
  assert.equal((await only(files, [record(hasher.finish())])).entry.loadable.kind, "yes");
});

test("a type 1 entry says what it needs, and whether that is there", async () => {
  const conf =
    "title Demo\nversion 7\nsort-key demo\nmachine-id 0123\nlinux /os/7/linux\ninitrd /os/7/initrd\noptions quiet splash\n";
  const { entry, commandLine, files } = await only({ [`${entries}/os_7+2-1.conf`]: conf, "/efi/os/7/linux": "k" });
  assert.deepEqual(
    [entry.type, entry.id, entry.title, entry.version, entry.sortKey, entry.machineId, entry.loadable.kind],
    [1, "os_7.conf", "Demo", "7", "demo", "0123", "yes"],
  );
  assert.deepEqual(files, [
    { path: "/efi/os/7/linux", present: true },
    { path: "/efi/os/7/initrd", present: false },
  ]);
  assert.equal(commandLine, "quiet splash");
});

test("a type 1 entry that starts nothing, or leads out of its partition, is ignored", async () => {
  for (const conf of ["", "title Demo\n", "linux /../../etc/shadow\n"])
    assert.equal((await only({ [`${entries}/a.conf`]: conf })).entry.loadable.kind, "ignored", JSON.stringify(conf));
  assert.equal((await only({ [`${entries}/a.conf`]: new Uint8Array(300_000) })).entry.loadable.kind, "ignored");
});

test("the order is the loader's: type 1 before UKIs; what is hidden or of another kind is not there", async () => {
  const uki = tinyUki({ osRelease });
  const found = await read({
    [`${linux}/b.efi`]: uki,
    [`${linux}/a.EFI`]: uki,
    [`${linux}/.holdfast-0123456789abcdef`]: uki,
    [`${linux}/.c.efi`]: uki,
    [`${linux}/d.txt`]: uki,
    [`${linux}/e.efi/x`]: "",
    [`${entries}/z.conf`]: "efi /x\n",
    [`${entries}/y.efi`]: uki,
  });
  assert.deepEqual(
    found.map(({ entry }) => entry.fileName),
    ["z.conf", "a.EFI", "b.efi"],
  );
});

test("a file that cannot be read is listed as one that fails, and costs no other", async () => {
  const uki = tinyUki({ osRelease });
  const found = await read(
    { [`${linux}/a.efi`]: uki, [`${linux}/b.efi`]: uki },
    [],
    [{ name: "open", subject: `${linux}/a.efi`, code: "io-error", times: Infinity }],
  );
  assert.deepEqual(
    found.map(({ entry }) => entry.loadable.kind),
    ["fails", "yes"],
  );
});

test("a reading that goes wrong once changes nothing in what an entry is", async () => {
  const conf = "title Kiosk\nversion 7\nlinux /vmlinuz\n";
  for (const [path, bytes] of [
    [`${linux}/os_7.efi`, tinyUki({ osRelease })],
    [`${entries}/os_7.conf`, conf],
  ] as const) {
    const { stamp: _, ...whole } = (await only({ [path]: bytes })).entry;
    for (const fault of [
      { name: "open", code: "no-permission" },
      { name: "read", code: "io-error" },
      { name: "read", code: "io-error", after: path.endsWith(".efi") ? 1 : 0 },
      { name: "read", code: "io-error", instead: "short" },
      { name: "read", code: "io-error", instead: "wrong-byte" },
    ] as const) {
      // A wrong byte somewhere in a text is one that nobody can tell.
      if (path.endsWith(".conf") && "instead" in fault && fault.instead === "wrong-byte") continue;
      const { stamp: __, ...found } = (await only({ [path]: bytes }, [], [{ ...fault, subject: path }])).entry;
      assert.deepEqual(found, whole, JSON.stringify(fault));
    }
  }
});

test("an entry that cannot be read at all fails to load, and nothing is made up about it", async () => {
  const path = `${linux}/os_7.efi`;
  const unreadable = [{ name: "read", subject: path, code: "io-error", times: Infinity }];
  const { entry } = await only({ [path]: tinyUki({ osRelease }) }, [], unreadable);
  assert.equal(entry.loadable.kind, "fails");
});

test("without an ESP there are no entries", async () => {
  const { session } = sessionOn(bareWorld());
  assert.deepEqual(await readBootEntries(session, { esp: undefined, xbootldr: undefined }, []), []);
});
