// What a desktop stands on, seen working in a boot of the profile `desktop`: swap in compressed memory, the daemon for
// telephones, and disc images that an ordinary user opens, ISO 9660 and UDF, read-only, through udisks.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { machineParts, type MachineParts, NoGuest } from "../../../tools/lab/machine/parts.ts";
import { bootRelease } from "../releases.ts";
import { ServerLab } from "../server/server-lab.ts";

const programs = ["sfdisk", "fsck.erofs", "mkfs.fat", "mkfs.ext4", "mcopy", "mmd", "mdir", "mdel", "genisoimage"];

/** One image with both file systems over the same files. */
async function makeDisc(lab: ServerLab): Promise<string> {
  await mkdir(lab.at("disc"));
  await writeFile(lab.at("disc/hello.txt"), "from a disc\n");
  const image = lab.at("disc.iso");
  await promisify(execFile)("genisoimage", ["-quiet", "-udf", "-r", "-J", "-V", "DISC", "-o", image, lab.at("disc")]);
  return image;
}

/** `as_user COMMAND…` runs it in a session of an ordinary user who sits at the machine. */
const script = `
echo
say swap "$(swapon --noheadings --raw --bytes --show=NAME,TYPE,SIZE)"
say memory "$(($(grep MemTotal /proc/meminfo | tr -dc 0-9) * 1024))"
say algorithm "$(tr ' ' '\\n' </sys/block/zram0/comp_algorithm | grep '\\[')"
say sysctls "$(sysctl -n vm.swappiness vm.watermark_boost_factor vm.watermark_scale_factor vm.page-cluster | tr '\\n' ' ')"
systemctl start usbmuxd
for each in $(seq 120); do [ ! -S /run/usbmuxd ] || break; sleep 0.5; done
say usbmuxd "$(systemctl is-active usbmuxd) $(stat -L -c %F /run/usbmuxd)"
useradd --create-home ada
cp /dev/vdb ~ada/disc.iso; chown ada ~ada/disc.iso
systemctl stop getty@tty1
as_user() {
  systemd-run --quiet --wait --uid=ada -p PAMName=login -p TTYPath=/dev/tty1 -p 'WorkingDirectory=~' \\
    -p StandardOutput=truncate:/run/out -p StandardError=append:/run/out "$@"
  code=$?; tr '\\n' ' ' </run/out; return $code
}
mapped=$(as_user udisksctl loop-setup --read-only --file disc.iso --no-user-interaction)
say mapped "$mapped"
loop=$(echo "$mapped" | grep -o '/dev/loop[0-9]*')
for type in iso9660 udf; do
  say "$type" "$(as_user udisksctl mount --block-device "$loop" --filesystem-type $type --no-user-interaction)"
  say "$type-mounted" "$(findmnt --noheadings --output FSTYPE,OPTIONS "$loop")"
  say "$type-read" "$(as_user cat "$(findmnt --noheadings --output TARGET "$loop")/hello.txt")"
  as_user udisksctl unmount --block-device "$loop" >/dev/null
done
cp ~ada/disc.iso /tmp/disc.iso; chmod 644 /tmp/disc.iso
say others "$(runuser -u nobody -- udisksctl loop-setup --read-only --file /tmp/disc.iso --no-user-interaction 2>&1 | tr '\\n' ' ')"
go poweroff
`;

async function gather(say: (line: string) => void): Promise<MachineParts | NoGuest> {
  return machineParts(say, programs).catch((error: unknown) => {
    if (error instanceof NoGuest) return error;
    throw error;
  });
}

test("compressed swap, usbmuxd and disc images of an ordinary user work in the profile desktop", async (t) => {
  const say = (line: string): void => t.diagnostic(line);
  const parts = await gather(say);
  if (parts instanceof NoGuest) return t.skip(parts.message.split("\n")[0]);
  process.env["PATH"] = `${parts.tools.binFolder}${delimiter}${process.env["PATH"] ?? ""}`;
  await using lab = await ServerLab.create();
  await lab.publish(await bootRelease({ version: "1", profile: "desktop", say }));
  const disc = await makeDisc(lab);
  const drive = ["-drive", `if=none,id=disc,format=raw,readonly=on,file=${disc}`];
  await lab.install(parts, {
    machine: { more: [...drive, "-device", "virtio-blk-pci,drive=disc", "-device", "qemu-xhci"] },
  });
  const { said, ended } = await lab.boot({ script });
  const heard = (word: string): string => (said.get(word) ?? "nothing").trim();
  for (const [word, text] of said) t.diagnostic(`${word}: ${text}`);
  assert.equal(ended, "poweroff", lab.consoles);
  const [device, type, size] = heard("swap").split(" ");
  assert.deepEqual([device, type], ["/dev/zram0", "partition"], lab.consoles);
  assert.ok(Math.abs(Number(size) / Number(heard("memory")) - 1) < 0.05, `${size} of ${heard("memory")}`);
  assert.equal(heard("algorithm"), "[zstd]");
  assert.equal(heard("sysctls"), "180 0 125 0");
  assert.equal(heard("usbmuxd"), "active socket", lab.consoles);
  assert.match(heard("mapped"), /^Mapped file disc\.iso as \/dev\/loop\d+\./, lab.consoles);
  for (const each of ["iso9660", "udf"]) {
    assert.match(heard(each), /^Mounted \/dev\/loop\d+ at \/(run\/)?media\/ada\//, lab.consoles);
    assert.match(heard(`${each}-mounted`), new RegExp(`^${each} +ro,`));
    assert.equal(heard(`${each}-read`), "from a disc");
  }
  assert.match(heard("others"), /[Nn]ot authorized/, lab.consoles);
});
