// A small machine with version 1 and a signed repository with versions 1 and 2, for runs of the real agent in simulation.
import { updateMachine } from "../../agent/update.ts";
import { tinyUki } from "../../format/pe.fixture.ts";
import type { Digest } from "../../port/digest.ts";
import type { Machine } from "../../port/machine.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { Content } from "../disk/content.ts";
import { SimServer } from "../http/sim-server.ts";
import { SimWorld } from "../machine.ts";
import { simKeyring, simSign } from "../verifier/sim-verifier.ts";

const origin = "http://updates.example";
const key = { fingerprint: "ABCD" };

const sampleUki = (version: string): Content =>
  Content.of(
    tinyUki({ osRelease: `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`, payload: `kernel ${version}` }),
  );

const sampleImage = (version: string): Content => Content.pattern(Number(version), 20_000);

function sha256(digest: Digest, content: Content): string {
  const hasher = digest.sha256();
  hasher.update(content.bytes());
  return hasher.finish();
}

function repository(digest: Digest, versions: readonly string[]): SimServer {
  const server = new SimServer(origin);
  const lines: string[] = [];
  for (const version of versions) {
    for (const [name, content] of [
      [`os_${version}.img`, sampleImage(version)],
      [`os_${version}.efi`, sampleUki(version)],
    ] as const) {
      server.put(`/os/${name}`, content);
      lines.push(`${sha256(digest, content)}  ${name}\n`);
    }
  }
  const manifest = new TextEncoder().encode(lines.join(""));
  server.put("/os/SHA256SUMS", manifest);
  server.put("/os/SHA256SUMS.gpg", simSign(digest, key, manifest, Date.UTC(2026, 1, 20)));
  return server;
}

const definition = (suffix: string, target: string): string =>
  `[Source]\nType=url-file\nPath=${origin}/os\nMatchPattern=os_@v.${suffix}\n[Target]\nType=regular-file\nInstancesMax=2\nMode=0444\n${target}`;

/** Images in /images on ext4, counted UKIs on a FAT volume at /efi; version 1 runs and is blessed. */
export function sampleWorld(seed: number): SimWorld {
  const world = new SimWorld({
    seed,
    startMs: Date.UTC(2026, 11, 1),
    servers: [repository(simDigest, ["1", "2"])],
    fileSystems: [
      { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
      { mountPoint: "/efi", type: "vfat", sizeBytes: 1e7 },
    ],
  });
  const { tree } = world;
  const entryTarget =
    "Path=/EFI/Linux\nPathRelativeTo=esp\nMatchPattern=os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi\nTriesLeft=3\nTriesDone=0\n";
  tree.plant("/usr/lib/sysupdate.d/10-root.transfer", definition("img", "Path=/images\nMatchPattern=os_@v.img\n"));
  tree.plant("/usr/lib/sysupdate.d/20-uki.transfer", definition("efi", entryTarget));
  tree.plant("/usr/lib/systemd/import-pubring.pgp", simKeyring([key]));
  tree.plant("/etc/os-release", "ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=1\n");
  tree.plant("/images/os_1.img", sampleImage("1"));
  tree.plant("/efi/EFI/Linux/os_1.efi", sampleUki("1"));
  world.variables.set("LoaderEntrySelected", "os_1.efi");
  return world;
}

export async function update(machine: Machine): Promise<void> {
  await updateMachine({ machine, settings: { live: true }, signal: new AbortController().signal });
}

/** P1, looked at from outside: every entry the loader would show is whole and has its image. */
export function entriesWithoutImage(world: SimWorld): readonly string[] {
  const problems: string[] = [];
  for (const name of world.tree.namesIn("/efi/EFI/Linux")) {
    const version = /^os_([0-9]+)(?:\+.*)?\.efi$/.exec(name)?.[1];
    const entry = world.tree.peek(`/efi/EFI/Linux/${name}`, "medium");
    // fsck.fat may have cut a name to nothing; the loader passes over such a file.
    if (version === undefined || !(entry instanceof Content) || entry.sizeBytes === 0) continue;
    const image = world.tree.peek(`/images/os_${version}.img`, "medium");
    if (!(image instanceof Content) || !image.equals(sampleImage(version))) problems.push(`P1: ${name} has no image`);
    if (!entry.equals(sampleUki(version))) problems.push(`P1: ${name} is not whole`);
  }
  return problems;
}
