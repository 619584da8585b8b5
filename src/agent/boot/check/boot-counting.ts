// Built-in check: the boot of an entry that carries a counter is counted, and can be marked good (P8). Without efivarfs
// systemd-bless-boot does nothing, says nothing, and a healthy version uses up its tries.
import { thisBoot } from "../this-boot.ts";
import { type BuiltInCheck, demandObserved, failed, passed, skipped } from "./health-check.ts";

export const bootCounting: BuiltInCheck = {
  name: "boot-counting",
  timeMs: 20_000,
  run: async (context) => {
    const { session } = context;
    if (!session.settings.live) return skipped("nothing runs here");
    const { situation } = demandObserved(context);
    const { counted, countKnown, entryId } = await thisBoot(session, demandObserved(context));
    const uncounted = situation.loader.entries.find(({ id, tries }) => id === entryId && tries?.done === 0);
    // A read-only ESP, or a name that was taken: the loader starts such an entry for ever (E11).
    if (!counted && uncounted !== undefined)
      return failed(
        `the boot loader did not count this boot of ${uncounted.fileName}: nothing would fall back from it`,
      );
    if (!counted) return passed("this boot is not counted");
    if (countKnown) return passed("this boot is counted, and can be marked good");
    return failed("the entry of this boot carries a counter, and no EFI variable says so: it could not be marked good");
  },
};
