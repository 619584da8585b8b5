// The answers of `enable`, `disable` and `reboot`.
import type { DisableReport, EnableReport, RebootReport } from "../../wire/unit-reports.ts";

function list(units: readonly string[]): string {
  return units.map((unit) => `  ${unit}\n`).join("");
}

export function renderEnable({ turnedOn, takenOver, reboots }: EnableReport): string {
  const on = turnedOn.length === 0 ? "Updates come by themselves already.\n" : "Updates come by themselves now.\n";
  const when = reboots
    ? "At night the machine reboots into a new version, if nobody is logged in and nothing asks to wait.\n"
    : "A new version starts with the next boot, whenever that is; `holdfast enable --reboot` brings it about at night.\n";
  const ours = turnedOn.length === 0 ? "" : `\nTurned on:\n${list(turnedOn)}`;
  const theirs =
    takenOver.length === 0
      ? ""
      : `\nTurned off, for they do the same work (\`holdfast disable\` gives them back):\n${list(takenOver)}`;
  return on + when + ours + theirs;
}

export function renderDisable({ turnedOff, givenBack, stayOn }: DisableReport): string {
  const off =
    turnedOff.length === 0
      ? "Updates do not come by themselves.\n"
      : `Updates no longer come by themselves.\n\nTurned off:\n${list(turnedOff)}`;
  const theirs = givenBack.length === 0 ? "" : `\nOn again, as before:\n${list(givenBack)}`;
  const rest = stayOn.length === 0 ? "" : "\nBoots are still judged; `holdfast disable --all` turns that off too.\n";
  return off + theirs + rest;
}

export function renderReboot({ outcome, because }: RebootReport): string {
  const heads = { rebooting: "Rebooting", "not-due": "No reboot is due", "not-now": "Not rebooting now" } as const;
  return `${heads[outcome]}: ${because}.\n`;
}
