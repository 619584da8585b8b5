// Built-in check: this version can update itself again: the ESP is there and writable, so is the state folder, and a
// plan can be made (P8). Needs no network.
import { imaginedRelease } from "../../../domain/boot/next-release.ts";
import { planUpdate } from "../../../domain/planner.ts";
import { hasEntries } from "../../../domain/situation.ts";
import { makeFolders, removeIfThere, writeDurably } from "../../state/small-file.ts";
import { stateFolder } from "../../state/state.ts";
import { type BuiltInCheck, demandObserved, failed, passed } from "./health-check.ts";

/** Refusals that say that this version cannot install anything; any other passes by itself or by what a person does. */
const hopeless: ReadonlySet<string> = new Set(["no-boot-folder", "read-only"]);

export const nextUpdate: BuiltInCheck = {
  name: "next-update",
  timeMs: 30_000,
  run: async (context) => {
    const { session } = context;
    const { disk, entropy } = session.machine;
    const { situation, boot } = demandObserved(context);
    const folder = stateFolder(session);
    await makeFolders(disk, folder);
    const probe = `${folder}/.probe`;
    await writeDurably(disk, entropy, probe, "The state folder can be written.\n");
    await removeIfThere(disk, probe);
    if (hasEntries(situation)) {
      const esp = boot.esp ?? boot.xbootldr;
      if (esp === undefined) return failed("no ESP is mounted at /efi, /boot or /boot/efi");
      if (esp.fileSystem.readOnly) return failed(`${esp.path} is mounted read-only`);
    }
    const release = imaginedRelease(situation);
    if (release === undefined) return passed("the state folder can be written; nothing to plan with is installed");
    const planned = planUpdate(
      { ...situation, running: { ...situation.running, onTrial: false }, hold: undefined },
      release,
      { acquireOnly: false },
    );
    if (planned.kind !== "refused") return passed("an update could be planned and written");
    const { code, message } = planned.refusal;
    return hopeless.has(code) ? failed(message) : passed(`an update could be planned; today: ${message}`);
  },
};
