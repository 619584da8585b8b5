// Whether a machine runs on its battery, from what the kernel says below /sys/class/power_supply
// (Documentation/ABI/testing/sysfs-class-power). A machine without a battery never does.

export interface PowerSupply {
  /** `Mains`, `USB`, `Battery`, `UPS`, `Wireless`. */
  readonly type: string;
  /** `Device`: the battery of a mouse, not of the machine. */
  readonly scope: string | undefined;
  /** Of what feeds the machine: 0 when it is not plugged in. */
  readonly online: string | undefined;
  /** Of a battery: `Charging`, `Discharging`, `Not charging`, `Full`, `Unknown`. */
  readonly status: string | undefined;
}

/** What feeds it counts first: a battery may discharge for a moment while it is plugged in. */
export function runsOnBattery(supplies: readonly PowerSupply[]): boolean {
  const own = supplies.filter(({ scope }) => scope !== "Device");
  const feeding = own.filter(({ type }) => type === "Mains" || type === "USB" || type === "Wireless");
  if (feeding.some(({ online }) => online !== undefined && online !== "0")) return false;
  return own.some(({ type, status }) => (type === "Battery" || type === "UPS") && status === "Discharging");
}
