import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import { parseRecipe } from "../format/recipe.ts";
import type { ProgressEvent } from "../port/progress.ts";
import { type SimPackage, SimWorkshop } from "../sim/workshop/sim-workshop.ts";
import type { HoldfastSource } from "./bring-holdfast.ts";
import { buildImage, type BuildRequest, type BuiltRelease } from "./build.ts";

const release = "7.2.12-test";
const modules = `usr/lib/modules/${release}`;

function moduleOf(name: string, ...needs: readonly string[]): string {
  return `\x7fELF\0name=${name}\0depends=${needs.join(",")}\0`;
}

const packages: Readonly<Record<string, SimPackage>> = {
  "busybox-static": {
    "usr/bin/busybox": "busybox",
    "usr/share/doc/busybox/copyright": "text",
    "etc/motd": "hello",
    "usr/share/ca-certificates/a/b.crt": "B\n",
    "usr/share/ca-certificates/a/a.crt": "A",
  },
  "systemd-boot-efi": { "usr/lib/systemd/boot/efi/linuxx64.efi.stub": "stub" },
  daemon: { "usr/lib/systemd/system/daemon.service": "[Install]\nWantedBy=multi-user.target\nAlias=d.service\n" },
  "linux-image-test": {
    [`${modules}/vmlinuz`]: "kernel",
    [`${modules}/modules.builtin`]: "kernel/fs/ext4/ext4.ko\n",
    [`${modules}/kernel/fs/vfat.ko`]: moduleOf("vfat", "fat"),
    [`${modules}/kernel/fs/fat.ko`]: moduleOf("fat"),
  },
  "linux-image-empty": {},
};

const files = {
  "/recipe/parts/usr/lib/holdfast/initrd/holdfast-initrd": "#!/bin/sh\n",
  "/recipe/own/lib/own.conf": "own",
};

const plain =
  "[Recipe]\nName=os\nTitle=An OS\nSuite=forky\n[Profile tiny]\nKernel=linux-image-test\nInitrd=busybox\n" +
  "Packages=busybox-static systemd-boot-efi\nInitrdModules=vfat ext4\nInitrdParts=parts\nFiles=own\nCommandLine=quiet\n";

interface Wish {
  readonly recipe?: string;
  readonly request?: Partial<BuildRequest>;
  readonly present?: Readonly<Record<string, string>>;
  readonly holdfast?: HoldfastSource;
  /** Of those that are present. */
  readonly executable?: readonly string[];
}

async function build(wish: Wish): Promise<[SimWorkshop, BuiltRelease, readonly string[]]> {
  const { recipe = plain, request = {}, present = {}, executable = [] } = wish;
  const notes: string[] = [];
  const workshop = new SimWorkshop({ packages, files: { ...files, ...present } });
  const whole: BuildRequest = {
    recipe: parseRecipe("/recipe/os.conf", recipe),
    recipeFile: "/recipe/os.conf",
    recipeFolder: "/recipe",
    version: "2",
    layouts: ["kde", "ab"],
    output: "/output",
    ...request,
  };
  for (const path of executable) await workshop.setMode(path, 0o755);
  const report = (event: ProgressEvent): void => {
    if (event.kind === "note") notes.push(event.text);
  };
  try {
    const holdfast = wish.holdfast ?? {
      kind: "checkout",
      folder: "/holdfast",
      node: "/holdfast/node",
      packages: new Map<string, string>(),
    };
    return [workshop, await buildImage(workshop, { report }, whole, holdfast), notes];
  } catch (error) {
    const left = workshop.output.filter((path) => !Object.hasOwn(present, path));
    assert.deepEqual(left, [], "a build that fails leaves nothing behind");
    throw error;
  }
}

test("A build makes the files of both layouts from one image, and lists them", async () => {
  const [workshop, built] = await build({});
  assert.deepEqual(workshop.output, [
    "/output/SHA256SUMS",
    "/output/os_2.ab.efi",
    "/output/os_2.efi",
    "/output/os_2.erofs",
    "/output/os_2.usr.erofs",
    "/output/os_2.usr.verity",
  ]);
  assert.equal(workshop.text("/output/os_2.erofs"), workshop.text("/output/os_2.usr.erofs"));
  assert.equal(
    workshop.text("/output/os_2.efi"),
    "UKI with root=PARTLABEL=holdfast-system rw holdfast.usr=/system/os_2.erofs panic=5 systemd.default_device_timeout_sec=20 systemd.watchdog_sec=60 quiet",
  );
  assert.match(
    workshop.text("/output/os_2.ab.efi"),
    new RegExp(
      `usrhash=${"ab".repeat(32)} systemd.verity_usr_data=PARTLABEL=os_2 systemd.verity_usr_hash=PARTLABEL=os_2_verity systemd.verity_usr_options=panic-on-corruption systemd.gpt_auto=no `,
    ),
  );
  const lines = built.files.map(({ name, sha256 }) => `${sha256} *${name}\n`).join("");
  assert.equal(workshop.text("/output/SHA256SUMS"), lines);
  assert.deepEqual([built.name, built.version, built.profile, built.signed], ["os", "2", "tiny", false]);
});

test("The image has the packages' /usr without what only people read, the recipe's files, and /etc as the factory's", async () => {
  const [workshop] = await build({});
  const there = (await workshop.list("/output/.scratch/tree/usr")).filter(({ kind }) => kind !== "folder");
  assert.deepEqual(
    there.map(({ path }) => path),
    [
      "bin/busybox",
      `lib/modules/${release}/kernel/fs/fat.ko`,
      `lib/modules/${release}/kernel/fs/vfat.ko`,
      `lib/modules/${release}/modules.builtin`,
      "lib/os-release",
      "lib/own.conf",
      "lib/systemd/boot/efi/linuxx64.efi.stub",
      "share/ca-certificates/a/a.crt",
      "share/ca-certificates/a/b.crt",
      "share/factory/etc/motd",
      "share/factory/etc/ssl/certs/ca-certificates.crt",
      "share/holdfast/packages",
    ],
  );
  assert.equal(workshop.text("/output/.scratch/tree/usr/share/factory/etc/ssl/certs/ca-certificates.crt"), "A\nB\n");
  assert.match(workshop.text("/output/.scratch/tree/usr/lib/os-release"), /^IMAGE_ID=os\nIMAGE_VERSION=2\n/m);
});

test("A busybox initrd loads each module behind what it needs, and leaves out what is built in", async () => {
  const [workshop] = await build({});
  const entries = (await workshop.list("/output/.scratch/initrd")).filter(({ kind }) => kind !== "folder");
  assert.deepEqual(
    entries.map(({ path }) => path),
    ["bin/busybox", "bin/sh", "modules/00-fat.ko", "modules/01-vfat.ko", "usr/lib/holdfast/initrd/holdfast-initrd"],
  );
  assert.equal(entries.at(-1)?.mode, 0o755, "a script is executable whatever its mode in the checkout");
});

test("A packaged Holdfast brings its one executable and its own units, and nothing else of the machine's", async () => {
  const [workshop] = await build({
    recipe: `${plain}Holdfast=yes\n`,
    holdfast: { kind: "single", executable: "/host/usr/bin/holdfast", root: "/host" },
    present: {
      "/host/usr/bin/holdfast": "\x7fELF",
      "/host/usr/lib/systemd/system/holdfast-fetch@.service": "[Service]\n",
      "/host/usr/lib/systemd/system/other.service": "[Service]\n",
      "/host/usr/lib/systemd/system-preset/80-holdfast.preset": "disable *\n",
      "/host/usr/share/polkit-1/actions/org.holdfast.policy": "<policyconfig/>\n",
    },
  });
  const there = (await workshop.list("/output/.scratch/tree/usr")).filter(({ path }) => /holdfast|other/.test(path));
  assert.deepEqual(
    there.filter(({ kind }) => kind !== "folder").map(({ path, mode }) => [path, mode]),
    [
      ["bin/holdfast", 0o755],
      ["lib/systemd/system-preset/80-holdfast.preset", 0o644],
      ["lib/systemd/system/holdfast-fetch@.service", 0o644],
      ["share/holdfast/packages", 0o644],
      ["share/polkit-1/actions/org.holdfast.policy", 0o644],
    ],
  );
});

test("Units are enabled below /usr, as their [Install] sections ask for", async () => {
  const [workshop] = await build({
    recipe: `${plain}Packages=daemon\nEnable=daemon.service\n`,
  });
  const links = (await workshop.list("/output/.scratch/tree/usr")).filter(({ kind }) => kind === "link");
  assert.deepEqual(
    links.map(({ path, target }) => [path, target]),
    [
      ["lib/systemd/system/d.service", "daemon.service"],
      ["lib/systemd/system/multi-user.target.wants/daemon.service", "../daemon.service"],
    ],
  );
});

test("With a key the list is signed, and the image trusts it; other versions stay listed", async () => {
  const old = { "/output/SHA256SUMS": `${"1".repeat(64)} *os_1.efi\n`, "/output/SHA256SUMS.gpg": "old" };
  const [workshop, built] = await build({ request: { signingKey: "/os.key", layouts: ["kde"] }, present: old });
  assert.equal(built.signed, true);
  assert.deepEqual(
    workshop
      .text("/output/SHA256SUMS")
      .split("\n")
      .map((line) => line.slice(66)),
    ["os_1.efi", "os_2.efi", "os_2.erofs", ""],
  );
  assert.match(workshop.text("/output/SHA256SUMS.gpg"), /^signature of \d+ bytes$/);
  assert.equal(workshop.text("/output/.scratch/tree/usr/lib/systemd/import-pubring.pgp"), "public /os.key");
});

test("With a key for Secure Boot, entries and the loader are signed", async () => {
  const loader = "usr/lib/systemd/boot/efi/systemd-bootx64.efi";
  const recipe = plain.replace("Files=own", "Files=own loader:lib/systemd/boot/efi");
  const [workshop] = await build({
    recipe,
    request: { secureBoot: { privateKey: "/sb.key", certificate: "/sb.pem" } },
    present: { "/recipe/loader/systemd-bootx64.efi": "loader" },
  });
  assert.match(workshop.text(`/output/.scratch/tree/${loader}.signed`), /^signed /);
  const ukify = workshop.calls.filter(([program]) => program === "ukify");
  assert.equal(ukify.filter((call) => call.includes("--secureboot-private-key=/sb.key")).length, 2);
});

test("What cannot be built is refused with a name and a sentence, and leaves nothing behind", async () => {
  const without = (text: string, other = ""): Wish => ({ recipe: plain.replace(text, other) });
  for (const [code, message, wish] of [
    ["package-unknown", /^Cannot fetch the package nix: /, without("busybox-static", "nix")],
    ["build-bad-version", /^Cannot build the version "a b": /, { request: { version: "a b" } }],
    ["recipe-no-profile", /has no profile "big"$/, { request: { profile: "big" } }],
    [
      "build-no-kernel",
      /the package linux-image-empty has no kernel$/,
      without("linux-image-test", "linux-image-empty"),
    ],
    ["build-no-module", /linux-image-test has no module ntfs$/, without("vfat ext4", "ntfs")],
    ["build-no-busybox", /no package has \/usr\/bin\/busybox$/, without("busybox-static ")],
    [
      "build-no-stub",
      /no package has \/usr\/lib\/systemd\/boot\/efi\/linuxx64.efi.stub$/,
      without(" systemd-boot-efi"),
    ],
    ["build-no-initrd-parts", /lacks the parts that give a failed boot up$/, without("InitrdParts=parts\n")],
    [
      "build-no-files",
      /the recipe names other, and \/recipe\/other is not there$/,
      without("Files=own", "Files=other"),
    ],
    ["build-no-unit", /the recipe enables x.service, and /, without("Files=own", "Enable=x.service")],
    ["build-no-init", /its initrd is to be of systemd, and has no /, without("Initrd=busybox\n")],
    ["build-no-initrd-file", /nothing in \/usr fits bin\/no\*/, without("Initrd=busybox", "InitrdFiles=bin/no*")],
    [
      "build-exists",
      /^Cannot build into \/output: it has os_2.erofs already$/,
      { present: { "/output/os_2.erofs": "" } },
    ],
    [
      "build-signed",
      /its SHA256SUMS is signed, and no --key was given$/,
      { present: { "/output/SHA256SUMS.gpg": "" } },
    ],
  ] as const satisfies readonly (readonly [string, RegExp, Wish])[])
    await assert.rejects(build(wish), (error: unknown) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      return true;
    });
});

/** ELF with a dynamic section that needs one library: one segment for all, DT_NEEDED and DT_STRTAB. */
function elfNeeding(library: string): string {
  const elf = new Uint8Array(512);
  const view = new DataView(elf.buffer);
  elf.set(new TextEncoder().encode("\x7fELF\x02\x01"));
  view.setBigUint64(32, 64n, true);
  view.setUint16(56, 2, true);
  for (const [index, type, offset, size] of [
    [0, 1, 0, 512],
    [1, 2, 256, 48],
  ] as const) {
    view.setUint32(64 + index * 56, type, true);
    view.setBigUint64(72 + index * 56, BigInt(offset), true);
    view.setBigUint64(80 + index * 56, BigInt(offset), true);
    view.setBigUint64(96 + index * 56, BigInt(size), true);
  }
  for (const [index, tag, value] of [
    [0, 1, 1],
    [1, 5, 368],
  ] as const) {
    view.setBigUint64(256 + index * 16, BigInt(tag), true);
    view.setBigUint64(264 + index * 16, BigInt(value), true);
  }
  elf.set(new TextEncoder().encode(`\0${library}\0`), 368);
  return new TextDecoder("latin1").decode(elf);
}

test("A library that another one needs counts as well", async () => {
  const own = "/recipe/own";
  const present = {
    [`${own}/bin/tool`]: elfNeeding("liba.so.1"),
    [`${own}/lib/liba.so.1`]: elfNeeding("libb.so.1"),
  };
  const [, , notes] = await build({ present, executable: [`${own}/bin/tool`] });
  assert.deepEqual(notes, ["/usr/bin/tool needs libb.so.1, and will not start"]);
});

test("A program whose libraries no package has is told of; one that must start is refused", async () => {
  const text = elfNeeding("liba.so.1");
  const [, , notes] = await build({ present: { "/recipe/own/bin/tool": text }, executable: ["/recipe/own/bin/tool"] });
  assert.deepEqual(notes, ["/usr/bin/tool needs liba.so.1, and will not start"]);
  const init = "/recipe/own/lib/systemd/systemd";
  await assert.rejects(build({ present: { [init]: text }, executable: [init] }), {
    code: "build-no-library",
    message: "Cannot build the image: /usr/lib/systemd/systemd needs liba.so.1, and no package has it",
  });
});
