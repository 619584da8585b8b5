import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { tinyUki } from "../../format/pe.fixture.ts";
import { Content } from "../disk/content.ts";
import { SimWorld } from "../machine.ts";
import { bless, bootOnce, type BootOptions, type BootResult } from "./boot-once.ts";

const uki = (version: string): Uint8Array =>
  tinyUki({ osRelease: `ID=demo\nIMAGE_VERSION=${version}\n`, payload: new Uint8Array(4000).fill(7) });

/** Boots what has its image in `/images`. */
const options: BootOptions = {
  esp: "/efi",
  imageMissing: "reboot",
  start: ({ entry }, world) =>
    world.tree.peek(`/images/os_${entry.version}.img`) === undefined ? "image-missing" : "up",
};

function world(entries: Readonly<Record<string, Uint8Array>>, ...images: string[]): SimWorld {
  const made = new SimWorld({
    seed: 1,
    fileSystems: [
      { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
      { mountPoint: "/efi", type: "vfat", sizeBytes: 1e7 },
    ],
  });
  for (const [name, content] of Object.entries(entries)) made.tree.plant(`/efi/EFI/Linux/${name}`, content);
  for (const version of images) made.tree.plant(`/images/os_${version}.img`, "image");
  return made;
}

const told = ({ kind, entry, tried }: BootResult): string =>
  `${kind} ${entry?.fileName ?? "-"} after ${tried.join(" ")}`;

describe("switching on", () => {
  test("the newest version is counted down before it is loaded, and blessing takes the counter away", async () => {
    const machine = world({ "os_1.efi": uki("1"), "os_2+3-0.efi": uki("2") }, "1", "2");
    const result = await bootOnce(machine, options);
    assert.equal(told(result), "up os_2+2-1.efi after os_2+3-0.efi");
    assert.equal(machine.variables.get("LoaderBootCountPath"), "\\EFI\\Linux\\os_2+2-1.efi");
    assert.ok(result.entry !== undefined);
    bless(machine, result.entry);
    assert.deepEqual(machine.tree.namesIn("/efi/EFI/Linux"), ["os_1.efi", "os_2.efi"]);
  });

  test("a version without its image uses up its tries and falls back, if the initrd reboots", async () => {
    const entries = { "os_1.efi": uki("1"), "os_2+2-0.efi": uki("2") };
    assert.equal(
      told(await bootOnce(world(entries, "1"), options)),
      "up os_1.efi after os_2+2-0.efi os_2+1-1.efi os_1.efi",
    );
    const stock = await bootOnce(world(entries, "1"), { ...options, imageMissing: "hang" });
    assert.equal(told(stock), "hang os_2+1-1.efi after os_2+2-0.efi");
  });

  const givesUp: BootOptions = { ...options, imageMissing: "give-up", loaderVersion: 262 };

  test("Holdfast's initrd gives up a blessed version that lost its image", async () => {
    const machine = world({ "os_1.efi": uki("1"), "os_2.efi": uki("2") }, "1");
    assert.equal(told(await bootOnce(machine, givesUp)), "up os_1.efi after os_2.efi os_1.efi");
    assert.deepEqual(machine.tree.namesIn("/efi/EFI/Linux"), ["os_1.efi", "os_2+0-1.efi"]);
  });

  test("and one whose kernel panics once the initrd has begun, at the fourth start", async () => {
    const start: BootOptions["start"] = ({ entry }) => (entry.version === "2" ? "late-panic" : "up");
    const machine = world({ "os_1.efi": uki("1"), "os_2.efi": uki("2") }, "1", "2");
    const result = await bootOnce(machine, { ...givesUp, start });
    assert.equal(told(result), "up os_1.efi after os_2.efi os_2.efi os_2.efi os_2.efi os_1.efi");
    assert.deepEqual(machine.tree.namesIn("/efi/EFI/Linux"), ["os_1.efi", "os_2+0-1.efi"]);
  });

  test("and where a default insists on that version it points the loader elsewhere, once", async () => {
    const machine = world({ "os_1.efi": uki("1"), "os_2+1-2.efi": uki("2") }, "1");
    machine.variables.set("LoaderEntryDefault", "os_2.efi");
    assert.equal(told(await bootOnce(machine, givesUp)), "up os_1.efi after os_2+1-2.efi os_1.efi");
    assert.equal(told(await bootOnce(machine, givesUp)), "up os_1.efi after os_2+0-3.efi os_1.efi");
  });

  test("with every entry marked bad it goes by what was good, and when that is used up it asks a person", async () => {
    const entries = { "os_1+0-3.efi": uki("1"), "os_2+0-3.efi": uki("2"), "os_3+0-3.efi": uki("3") };
    const machine = world(entries, "1");
    machine.tree.plant("/efi/EFI/holdfast/known-good.txt", "os_2.efi\nos_1.efi\n");
    assert.equal(
      told(await bootOnce(machine, givesUp)),
      "up os_1+0-4.efi after os_3+0-3.efi os_2+0-3.efi os_1+0-3.efi",
    );
    const lost = world(entries);
    const result = await bootOnce(lost, givesUp);
    assert.equal(result.why, "nothing is left to try: a page says so");
    assert.equal(result.tried.join(" "), "os_3+0-3.efi os_2+0-3.efi os_1+0-3.efi os_3+0-4.efi");
  });

  test("a watchdog starts a machine again that hangs", async () => {
    const start: BootOptions["start"] = ({ entry }) => (entry.version === "2" ? "watchdog" : "up");
    const machine = world({ "os_1.efi": uki("1"), "os_2+2-1.efi": uki("2") });
    assert.equal(
      told(await bootOnce(machine, { ...options, start })),
      "up os_1.efi after os_2+2-1.efi os_2+1-2.efi os_1.efi",
    );
  });

  test("with every entry exhausted the newest is started for ever", async () => {
    const result = await bootOnce(world({ "os_1+0-3.efi": uki("1"), "os_2+0-3.efi": uki("2") }, "1"), options);
    assert.equal(result.kind, "hang");
    assert.ok(result.tried.every((name) => name.startsWith("os_2+0-")));
  });

  const damages: readonly (readonly [what: string, damage: (whole: Uint8Array) => Uint8Array, outcome: string])[] = [
    ["emptied", () => new Uint8Array(), "up os_1.efi after os_1.efi"],
    ["zeroed", (whole) => new Uint8Array(whole.length), "up os_1.efi after os_1.efi"],
    [
      "with its header destroyed",
      (whole) => new Uint8Array([...new Uint8Array(64).fill(9), ...whole.slice(64)]),
      "up os_1.efi after os_1.efi",
    ],
    ["cut to its header", (whole) => whole.slice(0, 512), "up os_1.efi after os_1.efi"],
    ["cut behind", (whole) => whole.slice(0, -512), "unbootable os_2+1-1.efi after os_2+2-0.efi"],
  ];
  for (const [what, damage, outcome] of damages) {
    test(`an entry ${what} does with systemd-boot 257 what was measured`, async () => {
      const machine = world({ "os_1.efi": uki("1"), "os_2+2-0.efi": damage(uki("2")) }, "1", "2");
      assert.equal(told(await bootOnce(machine, options)), outcome);
    });
  }

  test("a newer loader reboots after an entry it cannot load, while there are tries left", async () => {
    const machine = world({ "os_1.efi": uki("1"), "os_2+1-0.efi": uki("2").slice(0, -512) }, "1", "2");
    assert.equal(
      told(await bootOnce(machine, { ...options, loaderVersion: 262 })),
      "up os_1.efi after os_2+1-0.efi os_1.efi",
    );
  });

  test("a loader that cannot be told to reboot leaves to the firmware, which has a second copy of it, or not", async () => {
    const damaged = (): SimWorld => {
      const machine = world({ "os_1.efi": uki("1"), "os_2+1-0.efi": uki("2").slice(0, -512) }, "1", "2");
      machine.tree.plant("/efi/loader/loader.conf", "reboot-on-error yes\n");
      return machine;
    };
    assert.equal((await bootOnce(damaged(), options)).kind, "unbootable");
    const machine = damaged();
    const contents = [Content.text("the loader")];
    const paths = ["/efi/EFI/systemd/systemd-bootx64.efi", "/efi/EFI/BOOT/BOOTX64.EFI"];
    for (const path of paths) machine.tree.plant(path, "the loader");
    const copies = paths.map((path) => ({ path, contents }));
    assert.equal(told(await bootOnce(machine, { ...options, copies })), "up os_1.efi after os_2+1-0.efi os_1.efi");
  });

  test("a kernel that gives up before it starts is as one that cannot be loaded", async () => {
    const start: BootOptions["start"] = ({ entry }) => (entry.version === "2" ? "returns" : "up");
    const machine = (): SimWorld => world({ "os_1.efi": uki("1"), "os_2+1-0.efi": uki("2") });
    assert.equal((await bootOnce(machine(), { ...options, start })).kind, "unbootable");
    assert.equal(
      told(await bootOnce(machine(), { ...options, start, loaderVersion: 262 })),
      "up os_1.efi after os_2+1-0.efi os_1.efi",
    );
  });

  test("a loader that keeps counters in ids reports the name as it was before this boot was counted, another the id", async () => {
    for (const [loaderVersion, selected] of [
      [257, "os_2+3-0.efi"],
      [258, "os_2.efi"],
    ] as const) {
      const machine = world({ "os_1.efi": uki("1"), "os_2+3-0.efi": uki("2") }, "1", "2");
      await bootOnce(machine, { ...options, loaderVersion });
      assert.equal(machine.variables.get("LoaderEntrySelected"), selected);
    }
  });

  test("one shot is used once", async () => {
    const machine = world({ "os_1.efi": uki("1"), "os_2.efi": uki("2") }, "1", "2");
    machine.variables.set("LoaderEntryOneShot", "os_1.efi");
    assert.equal(told(await bootOnce(machine, options)), "up os_1.efi after os_1.efi");
    assert.equal(told(await bootOnce(machine, options)), "up os_2.efi after os_2.efi");
  });

  test("a type 1 entry is read with what it names", async () => {
    const machine = world({}, "3");
    machine.tree.plant("/efi/loader/entries/os_3+3.conf", "title Demo\nversion 3\nlinux /demo/3/linux\n");
    const files: string[] = [];
    const start: BootOptions["start"] = (found, inWorld) => {
      files.push(...found.files);
      return options.start(found, inWorld);
    };
    assert.equal(told(await bootOnce(machine, { ...options, start })), "up os_3+2-1.conf after os_3+3.conf");
    assert.deepEqual(files, ["/efi/demo/3/linux"]);
  });

  test("without its boot loader, or without any entry, the machine does not boot", async () => {
    assert.equal((await bootOnce(world({}), options)).kind, "unbootable");
    const content = Content.text("the loader");
    const machine = world({ "os_1.efi": uki("1") }, "1");
    const loader = { path: "/efi/EFI/BOOT/BOOTX64.EFI", content };
    assert.equal((await bootOnce(machine, { ...options, loader })).kind, "unbootable");
    machine.tree.plant(loader.path, content);
    assert.equal((await bootOnce(machine, { ...options, loader })).kind, "up");
  });
});
