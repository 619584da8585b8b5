// What the tests' machines are made of: entries and the definitions that are the same in most of them.
import { tinyUki } from "../../tools/lab/tiny-uki.ts";
import { transfer, type World } from "./world.ts";

/** A boot entry of version `version` that boots nothing. */
export function uki(version: string, commandLine = "quiet"): Uint8Array {
  const osRelease = `ID=os\nIMAGE_ID=os\nIMAGE_VERSION=${version}\nPRETTY_NAME="Test OS ${version}"\n`;
  return tinyUki({ osRelease, commandLine });
}

export function ukiTransfer(world: World, target: Readonly<Record<string, string>> = {}): string {
  return transfer(
    { Type: "url-file", Path: world.url, MatchPattern: "os_@v.efi" },
    {
      Type: "regular-file",
      Path: "/EFI/Linux",
      PathRelativeTo: "boot",
      MatchPattern: "os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi",
      Mode: "0444",
      TriesLeft: "3",
      InstancesMax: "2",
      ...target,
    },
  );
}

/** The entry of `version` as systemd-bless-boot leaves it. */
export function entryOf(version: string): string {
  return `/efi/EFI/Linux/os_${version}.efi`;
}

/** A transfer into folders `/opt/app/app_VERSION`. */
export const treeTransfer = (
  source: Readonly<Record<string, string>>,
  target: Readonly<Record<string, string>> = {},
  own: Readonly<Record<string, string>> = {},
): string => transfer(source, { Type: "directory", Path: "/opt/app", MatchPattern: "app_@v", ...target }, own);

export const tarTransfer = (world: World, suffix: string, target: Readonly<Record<string, string>> = {}): string =>
  treeTransfer({ Type: "url-tar", Path: world.url, MatchPattern: `app_@v.tar${suffix}` }, target);
