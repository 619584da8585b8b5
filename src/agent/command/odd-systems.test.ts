import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { sampleOf } from "../../sim/scenario/listed.ts";
import { define, transfersOf, undefine } from "../../sim/scenario/sample-definitions.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { SimWorld } from "../../sim/machine.ts";
import type { Settings } from "../session.ts";
import { doctorMachine } from "./doctor.ts";
import { statusReport } from "./status.ts";
import { updateMachine, type UpdateOptions } from "./update.ts";

/** What makes the sample machine odd, the sentence that all commands say, and what helps. */
interface Odd {
  readonly what: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly sentence: string;
  readonly remedy: RegExp;
}

const uefi = { "/sys/firmware/efi/fw_platform_size": "64\n" };
const container = (kind: string): string => `This is a container (${kind}), and its host starts no boot entry of it`;
const live = "This is a live system, and what is written to it is gone with the next boot";
const other = (name: string): string =>
  `What boots next cannot be told: this machine was started by ${name}, not by systemd-boot`;
const silent = { LoaderEntrySelected: undefined };

const oddOnes: readonly Odd[] = [
  {
    what: "a container of podman",
    files: { "/run/.containerenv": "" },
    sentence: container("podman"),
    remedy: /on the host/,
  },
  { what: "a container of docker", files: { "/.dockerenv": "" }, sentence: container("docker"), remedy: /--root=DIR/ },
  {
    what: "a container that says who made it",
    files: { "/run/systemd/container": "systemd-nspawn\n" },
    sentence: container("systemd-nspawn"),
    remedy: /on the host/,
  },
  {
    what: "a container that says nothing sensible",
    files: { "/run/systemd/container": "\u001b[2J" },
    sentence: container("of a kind that is not known"),
    remedy: /on the host/,
  },
  {
    what: "a live system of Debian",
    files: { "/proc/cmdline": "BOOT_IMAGE=/live/vmlinuz boot=live quiet\n" },
    sentence: live,
    remedy: /--root=\/mnt/,
  },
  {
    what: "a live system of Fedora",
    files: { "/proc/cmdline": "root=live:CDLABEL=F rd.live.image" },
    sentence: live,
    remedy: /image install/,
  },
  { what: "a live system of Arch", files: { "/run/archiso/bootmnt/x": "" }, sentence: live, remedy: /--root=\/mnt/ },
  {
    what: "a volatile system",
    files: { "/proc/cmdline": "quiet systemd.volatile=overlay" },
    sentence: live,
    remedy: /--root/,
  },
  {
    what: "legacy BIOS",
    files: { "/sys/firmware/memmap/0/end": "" },
    sentence: "This machine was started without UEFI, and systemd-boot needs it",
    remedy: /legacy BIOS \(CSM\) to UEFI/,
  },
  {
    what: "GRUB that says so",
    files: uefi,
    variables: { LoaderInfo: "GRUB 2.12" },
    sentence: other("GRUB 2.12"),
    remedy: /bootctl install/,
  },
  {
    what: "GRUB that says nothing",
    files: { ...uefi, "/boot/grub/grub.cfg": "" },
    variables: silent,
    sentence: other("GRUB"),
    remedy: /bootctl install/,
  },
  {
    what: "no loader that says anything",
    files: uefi,
    variables: silent,
    sentence: other("another boot loader"),
    remedy: /bootctl install/,
  },
];

function worldOf({ files = {}, variables = {} }: Omit<Odd, "what" | "sentence" | "remedy">): SimWorld {
  const { world } = sampleOf(1, "files", ["1"], ["1", "2"]);
  for (const [path, text] of Object.entries(files)) world.tree.plant(path, text);
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) world.variables.delete(name as "LoaderInfo");
    else world.variables.set(name as "LoaderInfo", value);
  return world;
}

async function refusal(world: SimWorld, options: UpdateOptions = {}): Promise<Fault> {
  const before = world.key();
  const error = await updateMachine(sessionOn(world).session, options).then(
    () => assert.fail("it was not refused"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Fault, String(error));
  assert.equal(world.key(), before, "something was changed");
  return error;
}

const lowered = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

for (const odd of oddOnes) {
  test(`${odd.what}: status, doctor and update say the same, and nothing is changed`, async () => {
    const world = worldOf(odd);
    const { idleBecause, findings } = await statusReport(sessionOn(world).session);
    assert.equal(idleBecause, `${odd.sentence}.`);
    const known = findings.filter(({ severity }) => severity === "error");
    assert.deepEqual(
      known.map(({ sentence }) => sentence),
      [odd.sentence],
    );
    assert.match(known[0]?.remedy ?? "", odd.remedy);
    const doctor = await doctorMachine(sessionOn(world).session, { deep: false, repair: false });
    assert.equal(doctor.healthy, false);
    assert.ok(doctor.findings.some(({ sentence }) => sentence === odd.sentence));
    for (const options of [{}, { dryRun: true }]) {
      const { message, hint, kind } = await refusal(world, options);
      assert.deepEqual([message, hint, kind], [`Cannot update: ${lowered(odd.sentence)}`, known[0]?.remedy, "refused"]);
    }
  });
}

test("systemd-boot under UEFI, in an ordinary system, is not odd", async () => {
  for (const variables of [{ LoaderInfo: "systemd-boot 257.7" }, {}]) {
    const world = worldOf({ files: { ...uefi, "/proc/cmdline": "quiet splash root=LABEL=live" }, variables });
    assert.equal((await updateMachine(sessionOn(world).session)).outcome, "done");
  }
});

test("what systemd-sysupdate would do is done anywhere, and so is what a person names behind another loader", async () => {
  const anywhere = worldOf({ files: { "/.dockerenv": "" } });
  assert.equal((await updateMachine(sessionOn(anywhere).session, { anywhere: true })).outcome, "done");
  const { code } = await refusal(worldOf({ files: { "/.dockerenv": "" } }), { version: "2" });
  assert.equal(code, "in-container");
});

test("a component has no boot entry, and is updated in a container too", async () => {
  const { world } = sampleOf(1, "trees", ["1"], ["1", "2"]);
  world.tree.plant("/.dockerenv", "");
  assert.equal((await updateMachine(sessionOn(world).session)).outcome, "done");
});

test("the tree of another machine is not the container that Holdfast runs in", async () => {
  const world = worldOf({ files: { "/.dockerenv": "" } });
  assert.equal((await updateMachine(sessionOn(world, { live: false }).session)).outcome, "done");
});

test("without definitions it is said who updates the system", async () => {
  const rows: readonly (readonly [files: Readonly<Record<string, string>>, clause: string, hint: RegExp])[] = [
    [{}, "", /^Write /],
    [{ "/usr/bin/apt-get": "" }, ", and apt updates this system", /^Go on updating it with apt\. For Holdfast, write /],
    [{ "/usr/bin/rpm-ostree": "", "/usr/bin/dnf": "" }, ", and dnf updates this system", /with dnf/],
    [
      { "/usr/bin/rpm-ostree": "", "/usr/bin/dnf": "", "/run/ostree-booted": "" },
      ", and rpm-ostree updates this system",
      /with rpm-ostree/,
    ],
    [{ "/etc/rauc/system.conf": "" }, ", and RAUC updates this system", /with RAUC/],
  ];
  for (const [files, clause, hint] of rows) {
    const world = worldOf({ files });
    for (const name of ["10-root", "20-uki"]) undefine(world, name);
    const folders = "/etc/sysupdate.d, /run/sysupdate.d, /usr/local/lib/sysupdate.d, /usr/lib/sysupdate.d";
    for (const run of [statusReport, (session: Parameters<typeof statusReport>[0]) => updateMachine(session)])
      await assert.rejects(run(sessionOn(world).session), {
        message: `Cannot find definitions: there are none in ${folders}${clause}`,
        hint,
      });
    await assert.rejects(statusReport(sessionOn(world, { definitionsFolder: "/defs" }).session), {
      message: "Cannot find definitions: there are none in /defs",
    });
  }
});

test("an image that cannot be written and has no definitions is said to be one", async () => {
  const world = bareWorld(
    { "/usr/lib/os-release": "ID=os\n" },
    {
      fileSystems: [
        { mountPoint: "/", type: "ext4", sizeBytes: 1e7 },
        { mountPoint: "/usr", type: "ext4", sizeBytes: 1e7 },
      ],
    },
  );
  world.tree.volume("/usr").setReadOnly(true);
  await assert.rejects(statusReport(sessionOn(world).session), {
    message: /, and \/usr is an image that cannot be written: nothing says where a newer one comes from$/,
    hint: /^Ask who made the image for its definitions, or write /,
  });
});

/** Definitions, and no ESP. */
function withoutEsp(
  files: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {},
): SimWorld {
  const fileSystems = [{ mountPoint: "/", type: "ext4" as const, sizeBytes: 1e8 }];
  const world = bareWorld({ "/usr/lib/os-release": "ID=os\n", ...files }, { fileSystems, environment });
  for (const [name, text] of transfersOf({ seed: 1, layout: "files", installed: [], offered: [] }))
    define(world, name, text);
  return world;
}

test("without an ESP, all commands say why, and what helps", async () => {
  const partition = "01234567-89AB-CDEF-0123-456789ABCDEF";
  const mounted = "it is not mounted at /efi, /boot or /boot/efi";
  const orNamed = "or name its folder in SYSTEMD_ESP_PATH.";
  const byId = `Mount it with: mount /dev/disk/by-partuuid/${partition.toLowerCase()} /efi; ${orNamed}`;
  const rows: readonly (readonly [
    world: SimWorld,
    settings: Partial<Settings>,
    state: string,
    hint: string | RegExp,
  ])[] = [
    [withoutEsp(), {}, mounted, `Mount it (lsblk -o NAME,PARTTYPENAME says which it is), ${orNamed}`],
    [withoutEsp(), { live: false }, mounted, `Mount it below the folder of --root, ${orNamed}`],
    [withoutEsp(uefi), {}, mounted, byId],
    // What was written into its mount point while it was away is no ESP.
    [withoutEsp({ ...uefi, "/efi/EFI/Linux/os_1.efi": "x" }), {}, mounted, byId],
    [
      withoutEsp({}, { SYSTEMD_ESP_PATH: "/esp" }),
      {},
      "SYSTEMD_ESP_PATH names /esp, which is no folder",
      "Correct it.",
    ],
    [withoutEsp({ "/.dockerenv": "" }), {}, lowered(container("docker")), /on the host/],
    [withoutEsp({ "/sys/firmware/memmap/0/end": "" }), {}, /started without UEFI/.source, /bootctl install/],
  ];
  for (const [world, settings, state, hint] of rows) {
    if (world.tree.namesIn("/").includes("sys"))
      world.variables.set("LoaderInfo", "systemd-boot 257.7").set("LoaderDevicePartUUID", partition);
    const before = world.key();
    for (const run of [
      statusReport,
      (session: Parameters<typeof statusReport>[0]) => doctorMachine(session, { deep: false, repair: true }),
      (session: Parameters<typeof statusReport>[0]) => updateMachine(session),
    ]) {
      await assert.rejects(run(sessionOn(world, settings).session), (error: unknown) => {
        assert.ok(error instanceof Fault && error.kind === "refused", String(error));
        assert.match(error.message, new RegExp(`^Cannot (find the ESP|update): .*${state.replaceAll(/[()]/g, ".")}`));
        if (typeof hint === "string") assert.equal(error.hint, hint);
        else assert.match(error.hint ?? "", hint);
        return true;
      });
    }
    assert.equal(world.key(), before, "something was changed");
  }
});

test("a read-only ESP: status and doctor say so, and an update is refused before it downloads", async () => {
  const world = worldOf({});
  world.tree.volume("/efi").setReadOnly(true);
  const { findings } = await statusReport(sessionOn(world).session);
  assert.ok(findings.some(({ code, severity }) => code === "esp-read-only" && severity === "error"));
  assert.equal((await doctorMachine(sessionOn(world).session, { deep: false, repair: false })).healthy, false);
  await assert.rejects(updateMachine(sessionOn(world).session), {
    code: "read-only",
    kind: "refused",
    message: "Cannot update to 2: /efi is mounted read-only",
  });
  assert.deepEqual(world.tree.namesIn("/images"), ["os_1.img"]);
});

const service = "/sys/fs/cgroup/system.slice/systemd-sysupdate.service";
const byTimer = (world: SimWorld): void => world.tree.plant(`${service}/cgroup.procs`, "4711\n");
const byPerson = (world: SimWorld): void =>
  world.tree.plantLink("/proc/4711/exe", "/usr/lib/systemd/systemd-sysupdate");

for (const [what, start, folder] of [
  ["by its timer", byTimer, service],
  ["by a person", byPerson, "/proc/4711"],
] as const) {
  test(`systemd-sysupdate that is at work, started ${what}, is waited for or named`, async () => {
    const world = worldOf({});
    start(world);
    world.tree.plantLink("/proc/1/exe", "/usr/lib/systemd/systemd");
    const { message, kind, hint } = await refusal(world);
    assert.deepEqual([message, kind], ["Cannot start: systemd-sysupdate (process 4711) is running", "busy"]);
    assert.match(hint ?? "", /holdfast enable/);
    const waiting = sessionOn(world, { lockWaitMs: 60_000 });
    const { clock } = waiting.session.machine;
    const sleep = clock.sleep.bind(clock);
    Object.assign(clock, {
      sleep: async (...args: Parameters<typeof sleep>) => {
        world.tree.shift(folder, `${folder}-was`);
        await sleep(...args);
      },
    });
    assert.equal((await updateMachine(waiting.session)).outcome, "done");
    assert.ok(
      waiting.progress.events.some(
        (event) => event.kind === "note" && event.text.startsWith("Waiting for systemd-sysupdate"),
      ),
    );
  });
}

test("status says that systemd-sysupdate is at work", async () => {
  const world = worldOf({});
  byTimer(world);
  const { idleBecause } = await statusReport(sessionOn(world).session);
  assert.equal(idleBecause, "systemd-sysupdate (process 4711) is at work.");
});
