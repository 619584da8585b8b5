// Observe: what the conditions of Suggest...= ask about the machine (sysupdate.features(5)).
import type { SuggestFacts } from "../../domain/suggest.ts";
import { parseOsRelease } from "../../format/os-release.ts";
import type { SuggestCondition } from "../../format/suggestion.ts";
import { readOsRelease } from "./identity.ts";
import type { Session } from "../session.ts";
import { readStart } from "../../port/small-file.ts";
import { readText } from "../state/small-file.ts";

const smbiosFolder = "/sys/class/dmi/id";

async function textAt(session: Session, path: string): Promise<string | undefined> {
  return (await readText(session.machine.disk, path).catch(() => undefined))?.trim();
}

/** Fields that conditions name; a name that leads elsewhere is left out. */
async function readSmbios(
  session: Session,
  conditions: readonly SuggestCondition[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { kind, argument } of conditions) {
    const field = /^smbios-field\(\s*(\w+)/.exec(argument)?.[1];
    const text =
      kind === "Firmware" && field !== undefined ? await textAt(session, `${smbiosFolder}/${field}`) : undefined;
    if (field !== undefined && text !== undefined) found.set(field, text);
  }
  return found;
}

/** Reads nothing where no condition asks. */
export async function readSuggestFacts(
  session: Session,
  conditions: readonly SuggestCondition[],
): Promise<SuggestFacts> {
  const { disk, process } = session.machine;
  const { live } = session.settings;
  const isAsked = (kind: SuggestCondition["kind"]): boolean => conditions.some((condition) => condition.kind === kind);
  const machineInfo = isAsked("MachineTag") ? await textAt(session, "/etc/machine-info") : undefined;
  const ids = isAsked("Host")
    ? [
        await textAt(session, "/etc/machine-id"),
        live ? await process.bootId() : undefined,
        live ? await textAt(session, `${smbiosFolder}/product_uuid`) : undefined,
      ]
    : [];
  return {
    architecture: process.architecture,
    hostName: live ? process.hostName : isAsked("Host") ? await textAt(session, "/etc/hostname") : undefined,
    ids: ids.flatMap((id) => (id === undefined ? [] : [id.replaceAll("-", "").toLowerCase()])),
    kernelRelease: live ? process.kernelRelease : undefined,
    kernelCommandLine: live && isAsked("KernelCommandLine") ? await readStart(disk, "/proc/cmdline") : "",
    isUefi: live && isAsked("Firmware") && (await disk.stat("/sys/firmware/efi")) !== undefined,
    hasDeviceTree: live && isAsked("Firmware") && (await disk.stat("/sys/firmware/devicetree")) !== undefined,
    osRelease: (isAsked("OSRelease") ? await readOsRelease(session) : undefined)?.all ?? new Map(),
    machineTags:
      parseOsRelease(machineInfo ?? "")
        .all.get("TAGS")
        ?.split(":") ?? [],
    smbios: live ? await readSmbios(session, conditions) : new Map(),
  };
}
