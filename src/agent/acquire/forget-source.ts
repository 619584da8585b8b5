// Takes away what an instance was made from once the instance is in place: a packed download, and how far a slot was
// filled (P6: nothing is left over).
import { joinPath } from "../../base/machine-path.ts";
import { contentStagingName } from "../../domain/destination.ts";
import type { Offer } from "../../domain/resource.ts";
import type { TargetPlace } from "../../domain/situation.ts";
import { stagingName } from "../../format/leftover-name.ts";
import type { Session } from "../session.ts";
import { removeIfThere } from "../state/small-file.ts";
import { forgetPartial } from "./partial.ts";

export async function forgetSource(
  session: Session,
  { sha256 }: Offer,
  { stagingFolder }: Pick<TargetPlace, "stagingFolder">,
): Promise<void> {
  if (sha256 === undefined) return;
  const { disk } = session.machine;
  for (const name of [stagingName(sha256), contentStagingName(sha256)]) {
    const path = joinPath(stagingFolder, name);
    if ((await disk.stat(path))?.kind !== "file") continue;
    await removeIfThere(disk, path);
    // On an ESP it goes before the ESP counts as settled, or fsck.fat finds its clusters and nobody knows whose they are.
    await disk.syncFolder(stagingFolder);
  }
  await forgetPartial(session, sha256);
}
