// The version of Holdfast itself; a test compares it with package.json.

export const holdfastVersion = "0.1.0";

/** The systemd whose systemd-sysupdate we stand in for. */
export const sysupdateVersion = 262;
