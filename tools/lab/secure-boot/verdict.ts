// What Holdfast says of an image under variables of a firmware: by its own ports, with files as efivarfs has them (P12).
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { efiFirmware } from "../../../src/adapter/firmware/efi-firmware.ts";
import { realMachine } from "../../../src/adapter/machine.ts";
import { judgeBootImage, readSecureBoot } from "../../../src/agent/observe/secure-boot.ts";

const imageSecurityDatabase = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
const shimLock = "605dab50-e046-4300-abb6-3dd810dd8b23";

/** Values without attributes; EFI signature lists but for the last. */
export interface SecureVariables {
  readonly db?: Uint8Array;
  readonly dbx?: Uint8Array;
  readonly MokListRT?: Uint8Array;
  readonly SbatLevelRT?: Uint8Array;
}

/** "taken", or the code of the refusal. A quick look, not `thorough`, takes the image's bytes for those that were signed. */
export async function verdictUnder(
  variables: SecureVariables,
  image: Uint8Array,
  { thorough = true }: { readonly thorough?: boolean } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-verdict-"));
  const save = (name: string, value: Uint8Array): Promise<void> =>
    writeFile(join(folder, name), Buffer.concat([Uint8Array.of(6, 0, 0, 0), value]));
  try {
    await save("SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", Uint8Array.of(1));
    for (const [name, value] of Object.entries(variables) as [keyof SecureVariables, Uint8Array][])
      await save(`${name}-${name.startsWith("db") ? imageSecurityDatabase : shimLock}`, value);
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
    const verdict = await judgeBootImage(session, secureBoot.policy, file, { thorough });
    return verdict.kind === "taken" ? "taken" : verdict.code;
  } finally {
    await rm(folder, { recursive: true });
  }
}
