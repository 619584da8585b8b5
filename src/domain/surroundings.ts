// Surroundings in which no boot entry that Holdfast installs is ever started. Each has one sentence and one remedy, which
// status, doctor and update share (domain/findings.ts). Pure.
import { Fault } from "../base/fault.ts";
import { type Finding, finding } from "./findings.ts";

export type Surroundings =
  /** `name`: who made it, such as podman. */
  | { readonly kind: "in-container"; readonly name: string }
  | { readonly kind: "live-system" }
  | { readonly kind: "no-uefi" };

export function surroundingsFinding(surroundings: Surroundings): Finding {
  return finding(surroundings.kind, surroundings.kind === "in-container" ? surroundings.name : "");
}

/** "Cannot <doing>: " and the sentence of `found` after it. */
export function findingFault(doing: string, { code, sentence, remedy }: Finding): Fault {
  const clause = sentence.charAt(0).toLowerCase() + sentence.slice(1);
  return new Fault(code, `Cannot ${doing}: ${clause}`, { hint: remedy, kind: "refused" });
}

/** Words that live systems start their kernel with: Debian and Ubuntu, dracut (Fedora, openSUSE), Arch and KDE. */
const liveWords =
  /^(?:boot=(?:live|casper)|root=live:\S+|rd\.live\.image(?:=(?:1|yes))?|archiso(?:basedir|label|device|searchuuid)=\S+)$/;
/** systemd.volatile(7): the root file system, or all that is written, is gone with the next boot. */
const volatileWord = /^systemd\.volatile=(?:yes|1|true|on|overlay)$/;

/** What the kernel was started with says so. */
export function isLiveCommandLine(commandLine: string): boolean {
  return commandLine
    .trim()
    .split(/\s+/)
    .some((word) => liveWords.test(word) || volatileWord.test(word));
}

/** Why an update would lead nowhere; of components nobody asks a boot loader. */
export function whyNowhere(
  surroundings: Surroundings | undefined,
  otherLoader: string | undefined,
): Finding | undefined {
  if (surroundings !== undefined) return surroundingsFinding(surroundings);
  return otherLoader === undefined ? undefined : finding("other-loader", otherLoader);
}
