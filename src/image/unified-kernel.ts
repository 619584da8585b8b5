// The boot entry: stub, kernel, initrd, command line and os-release in one file (UAPI.5), signed for Secure Boot on demand.
import { Fault } from "../base/fault.ts";
import type { Build } from "./build.ts";
import type { Kernel } from "./kernel.ts";

/** PEM files of the host. */
export interface SecureBootKey {
  readonly privateKey: string;
  readonly certificate: string;
}

export interface UkiRequest {
  readonly kernel: Kernel;
  readonly initrd: string;
  readonly commandLine: string;
  readonly path: string;
  readonly secureBoot: SecureBootKey | undefined;
}

const stubPath = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";

const loaderPath = "usr/lib/systemd/boot/efi/systemd-bootx64.efi";

/** Beside the loader, where `bootctl` and `image install` take the signed one first. */
export async function signLoader({ workshop, tree }: Build, key: SecureBootKey): Promise<void> {
  const loader = `${tree}/${loaderPath}`;
  if ((await workshop.kindOf(loader)) !== "file") return;
  await workshop.run("systemd-sbsign", [
    "sign",
    `--private-key=${key.privateKey}`,
    `--certificate=${key.certificate}`,
    `--output=${loader}.signed`,
    loader,
  ]);
  await workshop.setMode(`${loader}.signed`, 0o644);
}

export async function makeUki(
  build: Build,
  { kernel, initrd, commandLine, path, secureBoot }: UkiRequest,
): Promise<void> {
  const { workshop, tree, epochSeconds } = build;
  const stub = `${tree}/${stubPath}`;
  if ((await workshop.kindOf(stub)) !== "file")
    throw new Fault("build-no-stub", `Cannot build the image: no package has /${stubPath}`, {
      hint: "Add systemd-boot-efi to Packages= in the recipe.",
    });
  await workshop.run(
    "ukify",
    [
      "build",
      `--linux=${kernel.path}`,
      `--initrd=${initrd}`,
      `--uname=${kernel.release}`,
      `--os-release=@${tree}/usr/lib/os-release`,
      `--cmdline=${commandLine}`,
      `--stub=${stub}`,
      `--output=${path}`,
      ...(secureBoot === undefined
        ? []
        : [
            "--signtool=systemd-sbsign",
            "--no-sign-kernel",
            `--secureboot-private-key=${secureBoot.privateKey}`,
            `--secureboot-certificate=${secureBoot.certificate}`,
          ]),
    ],
    { env: { SOURCE_DATE_EPOCH: `${epochSeconds}` } },
  );
}
