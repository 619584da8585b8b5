// A release that nobody has published: what runs, once more, under a later version. With it a version shows that it
// could plan its own next update, without asking any server (P8). Pure.
import { isVersion, type Sha256 } from "../../base/ids.ts";
import type { Offer, Release } from "../resource.ts";
import { instancesOf, type Situation } from "../situation.ts";

/** 64 hex digits that no resource has. */
function madeUp(at: number): Sha256 {
  return at.toString(16).padStart(64, "e") as Sha256;
}

/** Undefined where nothing of the running version is known. */
export function imaginedRelease(situation: Situation): Release | undefined {
  const running = situation.running.version;
  if (running === undefined) return undefined;
  const version = `${running}.0`;
  if (!isVersion(version)) return undefined;
  const offers = instancesOf(situation, running).map(
    (instance, at): Offer => ({
      transfer: instance.transfer,
      version,
      name: `imagined-${at}`,
      location: `imagined-${at}`,
      remote: true,
      shape:
        instance.place.kind === "tree"
          ? { kind: "archive", compression: undefined }
          : { kind: "bytes", compression: undefined },
      fields: instance.fields,
      evidence: "signed",
      sha256: madeUp(at),
      sizeBytes: instance.sizeBytes,
    }),
  );
  return offers.length === 0 ? undefined : { version, offers, missing: [] };
}
