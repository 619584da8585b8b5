// Observe: what else decides the next boot besides the entries: loader.conf and EFI variables (D.8).
import { joinPath } from "../../base/machine-path.ts";
import type { BootEntry } from "../../domain/boot-graph.ts";
import type { LoaderState } from "../../domain/loader.ts";
import { compareVersions } from "../../domain/version-order.ts";
import { parseEntryName } from "../../format/entry-name.ts";
import { type LoaderConf, parseLoaderConf } from "../../format/loader-conf.ts";
import type { LoaderVariables } from "../../port/loader-variables.ts";
import type { BootFolders } from "./boot-folders.ts";
import type { Session } from "../session.ts";
import { readOtherLoader } from "./surroundings.ts";
import { readSmall } from "../state/small-file.ts";

const maxConfBytes = 256 * 1024;

async function readConf(session: Session, boot: BootFolders): Promise<LoaderConf> {
  if (boot.esp === undefined) return {};
  try {
    return parseLoaderConf(
      (await readSmall(session.machine.disk, joinPath(boot.esp.path, "loader/loader.conf"), maxConfBytes)) ??
        new Uint8Array(),
    );
  } catch {
    return {}; // the loader ignores a file it cannot read, and so do we (boot-lab: loader.conf empty or garbage)
  }
}

/** Version of the systemd-boot that started the machine, such as "257.7". */
function loaderVersion(info: string | undefined): string | undefined {
  return /^systemd-boot\s+([0-9][^\s]*)/.exec(info ?? "")?.[1];
}

/** A loader that does not say its version is taken for a recent one. */
function isRecent(version: string | undefined, since: string): boolean {
  return version === undefined || compareVersions(version, since) >= 0;
}

/**
 * Whether the loader takes the counter for a part of an entry's id. One that counted this boot shows it by the name that it
 * told; otherwise its version does: 257.7 kept them, 257.13 did not (seen), the change came in between.
 */
async function keepsCounters(loader: LoaderVariables, version: string | undefined): Promise<boolean> {
  const selected = await loader.read("LoaderEntrySelected");
  const counted = await loader.read("LoaderBootCountPath");
  if (selected === undefined || counted === undefined) return !isRecent(version, "257.10");
  return parseEntryName(selected)?.tries !== undefined;
}

export async function readLoaderState(
  session: Session,
  boot: BootFolders,
  entries: readonly BootEntry[],
): Promise<LoaderState> {
  const { loader } = session.machine;
  const conf = await readConf(session, boot);
  const info = await loader.read("LoaderInfo");
  const version = loaderVersion(info);
  return {
    entries,
    config: {
      default: conf.default,
      preferred: conf.preferred,
      timeout: conf.timeout?.toString(),
      // Before, there is no such setting (seen: 257.13 passes over it).
      rebootOnError: isRecent(version, "258") ? (conf.rebootOnError ?? "auto") : "no",
    },
    choices: {
      default: await loader.read("LoaderEntryDefault"),
      preferred: await loader.read("LoaderEntryPreferred"),
      oneShot: await loader.read("LoaderEntryOneShot"),
      sysFail: await loader.read("LoaderEntrySysFail"),
      lastBooted: await loader.read("LoaderEntryLastBooted"),
    },
    otherLoader: await readOtherLoader(session),
    supportsPreferred: isRecent(version, "260"),
    idsWithCounter: await keepsCounters(loader, version),
  };
}
