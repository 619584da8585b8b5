// Which units `holdfast enable` is about: our own (packaging/systemd), and those of systemd-sysupdate that do the same work.

/** They judge boots and settle what follows; each acts at the next boot. */
export const bootUnits = ["holdfast-boot.service", "holdfast-blessed.service", "holdfast-give-back.service"] as const;
/** They start at once as well. */
export const updateUnits = ["holdfast-fetch.socket", "holdfast-update.timer"] as const;
export const rebootUnits = ["holdfast-reboot.timer"] as const;

/** They tell whoever is at a desktop (packaging/systemd-user), from the next session on. */
export const userUnits = ["holdfast-notify.path", "holdfast-notify.service"] as const;

/** Where Varlink's units are installed: programs may ask then. */
export const answeringUnits = ["holdfast-control.socket", "holdfast-varlink.socket"] as const;
/** The second of them answers in its place. */
export const theirAnsweringUnit = "systemd-sysupdate.socket";

/** Under their names up to 260, and after. */
export const theirTimers = [
  "systemd-sysupdate.timer",
  "systemd-sysupdate-update.timer",
  "systemd-sysupdate-reboot.timer",
] as const;

/** Where systemd looks for what a vendor switched on: `systemctl disable` does not reach it. */
export function vendorLinks(unit: string): readonly string[] {
  const target = unit.endsWith(".socket") ? "sockets" : "timers";
  return ["/usr/lib", "/lib"].map((folder) => `${folder}/systemd/system/${target}.target.wants/${unit}`);
}
