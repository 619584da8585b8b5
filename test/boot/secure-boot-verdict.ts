// What Holdfast says of an image under keys of a machine's firmware: by its own ports, with files as efivarfs has them.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { efiFirmware } from "../../src/adapter/firmware/efi-firmware.ts";
import { realMachine } from "../../src/adapter/machine.ts";
import { judgeBootImage, readSecureBoot } from "../../src/agent/observe/secure-boot.ts";
import type { KeyRoom, ListedKey } from "../../tools/lab/secure-boot/keys.ts";
import type { EnrolledKeys } from "../../tools/lab/secure-boot/machine.ts";

const suffix = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

/** "taken", or the code of the refusal. */
export async function verdictUnder({ db, dbx }: EnrolledKeys, room: KeyRoom, image: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-verdict-"));
  const save = async (name: string, parts: readonly Uint8Array[]): Promise<void> =>
    writeFile(join(folder, name), Buffer.concat([Uint8Array.of(6, 0, 0, 0), ...parts]));
  const lists = async (keys: readonly ListedKey[]): Promise<readonly Uint8Array[]> => {
    const all: Uint8Array[] = [];
    for (const key of keys) all.push(await room.list(key));
    return all;
  };
  try {
    await save("SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", [Uint8Array.of(1)]);
    await save(`db-${suffix}`, await lists(db));
    await save(`dbx-${suffix}`, await lists(dbx));
    await writeFile(join(folder, "image.efi"), image);
    await using machine = realMachine({ progress: { report: () => undefined } });
    const session = {
      machine: { ...machine, firmware: efiFirmware({ root: "/", folder }) },
      settings: { live: true },
      signal: new AbortController().signal,
    };
    const secureBoot = await readSecureBoot(session);
    if (secureBoot.kind !== "on") return secureBoot.kind;
    await using file = await machine.disk.open(join(folder, "image.efi"), "read");
    const verdict = await judgeBootImage(session, secureBoot.policy, file, { thorough: true });
    return verdict.kind === "taken" ? "taken" : verdict.code;
  } finally {
    await rm(folder, { recursive: true });
  }
}
