// Tells whoever logs in that a version was given up: message of the day and login line, for this boot (P8).
import { Fault } from "../../base/fault.ts";
import type { FellBackRecord } from "../../domain/boot/boot-record.ts";
import type { Session } from "../session.ts";
import { removeIfThere, writeDurably } from "../state/small-file.ts";

/** pam_motd(8) and agetty(8) show what lies there. */
const notes = ["/run/motd.d/50-holdfast", "/run/issue.d/50-holdfast.issue"];

/** Control characters could draw over what stands before; `\` is an escape of agetty's. */
function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\\]/g, "?");
}

function sentenceOf({ version, to, evidence, text }: FellBackRecord): string {
  const runs = to === undefined ? "" : ` Version ${to} runs instead.`;
  const then =
    evidence === "none"
      ? "The next `holdfast update` tries it once more."
      : `It is not offered again until a newer one comes or \`holdfast quarantine lift ${version}\`.`;
  return `Version ${version} was given up: ${text}.${runs} ${then}`;
}

/** `undefined` takes the notes away. What cannot be written is not told here; `status` tells it too. */
export async function tell(session: Session, fellBack: FellBackRecord | undefined): Promise<void> {
  const { disk, entropy } = session.machine;
  if (!session.settings.live) return;
  for (const path of notes) {
    try {
      if (fellBack === undefined) await removeIfThere(disk, path);
      else await writeDurably(disk, entropy, path, `${harmless(sentenceOf(fellBack))}\n`);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
}
