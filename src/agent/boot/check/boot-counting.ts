// Built-in check: what counts this boot can be told that it was good (P8). Without efivarfs systemd-bless-boot does nothing,
// says nothing, and a healthy version uses up its tries.
import { thisBoot } from "../this-boot.ts";
import { type BuiltInCheck, demandObserved, failed, passed, skipped } from "./health-check.ts";

export const bootCounting: BuiltInCheck = {
  name: "boot-counting",
  timeMs: 20_000,
  run: async (context) => {
    const { session } = context;
    if (!session.settings.live) return skipped("nothing runs here");
    const { counted, countKnown } = await thisBoot(session, demandObserved(context));
    if (!counted) return passed("this boot is not counted");
    if (countKnown) return passed("this boot is counted, and can be marked good");
    return failed("the entry of this boot carries a counter, and no EFI variable says so: it could not be marked good");
  },
};
