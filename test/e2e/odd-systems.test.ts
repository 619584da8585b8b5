// Holdfast on systems that are not what it is made for: every command says the same sentence and what helps, ends with the
// code of a refusal, and changes nothing. As the machine that runs, in a mount namespace, and on trees (docs/odd-systems.md).
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { LabRelease } from "../../tools/lab/release.ts";
import { reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

const checkout = join(import.meta.dirname, "../..");
const namespace = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"];
const canMount = spawnSync("unshare", [...namespace, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
const loaderInfo = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

let world: World;
let one: LabRelease;
let two: LabRelease;
before(async () => {
  world = await World.create();
  [one, two] = await world.releases(["1", "2"]);
});
after(async () => world[Symbol.asyncDispose]());

/** Shell that writes an EFI variable: four bytes of attributes, then UTF-16. */
const saysIt = (info: string): string =>
  `printf '${["\\007\\000\\000\\000", ...[...info, "\\000"].map((letter) => `${letter}\\000`)].join("")}' >${loaderInfo}`;

interface Odd {
  readonly name: string;
  /** Shell that makes the machine so, after what the ones before it did. */
  readonly become: string;
  readonly undo?: string;
  readonly sentence: string;
  readonly remedy: RegExp;
}

const oddOnes: readonly Odd[] = [
  {
    name: "container",
    become: "touch /run/.containerenv",
    undo: "rm /run/.containerenv",
    sentence: "is a container (podman), and its host starts no boot entry of it",
    remedy: /on the host/,
  },
  {
    name: "live system",
    become: "echo boot=live quiet >/tmp/cmdline; mount --bind /tmp/cmdline /proc/cmdline",
    undo: "umount /proc/cmdline",
    sentence: "is a live system, and what is written to it is gone with the next boot",
    remedy: /--root=\/mnt/,
  },
  {
    name: "legacy BIOS",
    become: "mkdir -p /sys/firmware",
    sentence: "machine was started without UEFI, and systemd-boot needs it",
    remedy: /legacy BIOS \(CSM\) to UEFI/,
  },
  {
    name: "no boot loader that says anything",
    become: "mkdir -p /sys/firmware/efi/efivars",
    sentence: "this machine was started by another boot loader, not by systemd-boot",
    remedy: /bootctl install/,
  },
  {
    name: "GRUB",
    become: saysIt("GRUB 2.12"),
    sentence: "this machine was started by GRUB 2.12, not by systemd-boot",
    remedy: /holdfast update VERSION/,
  },
  {
    name: "no ESP",
    become: `unset SYSTEMD_ESP_PATH; ${saysIt("systemd-boot 257.7")}`,
    undo: "export SYSTEMD_ESP_PATH=/efi",
    sentence: "Cannot find the ESP: it is not mounted at /efi, /boot or /boot/efi",
    remedy: /lsblk -o NAME,PARTTYPENAME/,
  },
  {
    name: "read-only ESP",
    become: "find /efi /etc /system /var | sort >/tmp/after; mount --bind /efi /efi; mount -o remount,bind,ro /efi",
    sentence: "/efi is mounted read-only",
    remedy: /mount -o remount,rw \/efi/,
  },
];

const script = `
export SYSTEMD_ESP_PATH=/efi
find /efi /etc /system /var | sort >/tmp/before
meet() {
  for command in status doctor update; do
    echo "=== $1: $command"
    code=0
    ${checkout}/bin/holdfast $command 2>&1 || code=$?
    echo "exit $code"
  done
}
${oddOnes.map(({ name, become, undo = ":" }) => `${become}\nmeet '${name}'\n${undo}\n`).join("")}
echo "=== changed"
diff /tmp/before /tmp/after || :
`;

/** The server is in this process, which must not wait for it. */
async function runLive({ machine }: Scene): Promise<ReadonlyMap<string, string>> {
  const live = join(import.meta.dirname, "../signals/live-machine.sh");
  const { stdout } = await promisify(execFile)("unshare", [...namespace, "sh", live, machine.root, checkout, script], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", COLUMNS: "1000" },
  });
  const parts = stdout.split(/^=== (.*)\n/m).slice(1);
  return new Map(parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ""] as const] : [])));
}

test("the machine that runs is odd", { skip: canMount ? false : "it needs root and mount namespaces" }, async () => {
  await using scene = await world.scene({ installed: [one], offered: [one, two] });
  const printed = await runLive(scene);
  for (const { name, sentence, remedy } of oddOnes) {
    for (const command of ["status", "doctor", "update"]) {
      const text = printed.get(`${name}: ${command}`) ?? "";
      assert.ok(text.includes(sentence), `${name}: ${command}\n${text}`);
      assert.match(text, command === "update" && name === "read-only ESP" ? /remount|writable/ : remedy);
      const code = /^exit (\d+)$/m.exec(text)?.[1];
      const refused = command === "update" || text.includes("Cannot find the ESP");
      assert.equal(code, refused ? "4" : command === "doctor" ? "7" : "0", `${name}: ${command}\n${text}`);
    }
  }
  assert.equal(printed.get("changed"), "");
  await scene.assertBootable(["1"]);
});

test("the tree of a machine is odd", async () => {
  const trees: readonly (readonly [missing: string, code: number, sentence: RegExp, hint: RegExp])[] = [
    [
      "efi",
      4,
      /^Cannot find the ESP: it is not mounted at \/efi, \/boot or \/boot\/efi$/,
      /below the folder of --root/,
    ],
    [
      "etc/sysupdate.d",
      1,
      /^Cannot find definitions: there are none in .*, and rpm-ostree updates this system$/,
      /rpm-ostree/,
    ],
  ];
  for (const [missing, code, sentence, hint] of trees) {
    await using scene = await world.scene({ installed: [one], offered: [one, two] });
    const { root } = scene.machine;
    await rm(join(root, missing), { recursive: true });
    for (const mark of ["sysroot/ostree", "usr/bin/rpm-ostree"]) await mkdir(join(root, mark), { recursive: true });
    for (const command of ["status", "doctor", "update"]) {
      const ended = await scene.expect(code, [command]);
      assert.match(reason(ended), sentence);
      assert.match(ended.stderr, hint);
    }
    assert.deepEqual((await scene.staged()).length, 0);
  }
});
