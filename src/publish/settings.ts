// The settings of a repository: read, and refused where there are none.
import { Fault } from "../base/fault.ts";
import { fromUtf8 } from "../base/text.ts";
import { readSmall } from "../port/small-file.ts";
import { type RepositorySettings, settingsSchema } from "../wire/repository.ts";
import { decodeRecord } from "../wire/state.ts";
import { type Publisher, settingsPath } from "./publisher.ts";

export type SettingsFaultCode = "no-repository" | "settings-damaged";

export async function findSettings(publisher: Publisher): Promise<RepositorySettings | undefined> {
  const bytes = await readSmall(publisher.machine.disk, settingsPath(publisher));
  if (bytes === undefined) return undefined;
  const settings = decodeRecord(settingsSchema, fromUtf8(bytes) ?? "");
  if (settings !== undefined) return settings;
  throw new Fault<SettingsFaultCode>(
    "settings-damaged",
    `Cannot use the repository ${publisher.folder}: its settings in .holdfast/repository.json cannot be read`,
    { hint: "Remove that file and run holdfast repo init again, with the same key: what is published stays." },
  );
}

/** Fault: `no-repository`, `settings-damaged`. */
export async function readSettings(publisher: Publisher): Promise<RepositorySettings> {
  const settings = await findSettings(publisher);
  if (settings !== undefined) return settings;
  throw new Fault<SettingsFaultCode>(
    "no-repository",
    `Cannot use ${publisher.folder}: it is no repository of Holdfast`,
    {
      hint: `Make it one with holdfast repo init ${publisher.folder} --key=FILE, or name another folder.`,
      kind: "usage",
    },
  );
}

export function keyringOf(settings: RepositorySettings): Uint8Array {
  return Uint8Array.fromBase64(settings.keyring);
}
