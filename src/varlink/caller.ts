// Who calls, and whether they may: never by what they say of themselves, but by what the kernel told systemd when the
// connection was accepted, which is in the name of the unit's instance (systemd.socket, Accept=).

export interface Caller {
  readonly pid: number;
  readonly uid: number;
}

/** Somebody at the other end of a socket; or whoever started this process by hand, who can do with it what they can do anyway. */
export type Origin = { readonly kind: "peer"; readonly caller: Caller } | { readonly kind: "self" };

const number = "[0-9]{1,10}";
/**
 * `NUMBER-PID-UID` of systemd 252 and 257; since then `NUMBER-COOKIE-PID_PIDFDID-UID`, and `NUMBER-COOKIE-PID-UID` on
 * kernels whose process descriptors have no ids.
 */
const instance = new RegExp(`^[0-9]{1,20}(?:-[0-9]{1,20})?-(${number})(?:_[0-9]{1,20})?-(${number})$`);

/** Of whom nothing is known: a process and a user that cannot exist. */
export const unknownCaller: Caller = { pid: 0, uid: 0xffff_ffff };

/** `unknownCaller` for what is no such name, and where systemd could not tell (`NUMBER-unknown`). */
export function callerOfInstance(text: string): Caller {
  const [, pid, uid] = instance.exec(text) ?? [];
  if (pid === undefined || uid === undefined) return unknownCaller;
  return { pid: Number(pid), uid: Number(uid) };
}

/**
 * For a unit that does not hand the instance over, as systemd's own: the control group that systemd started this process
 * in has it, from the text of /proc/self/cgroup. `undefined` where it is no unit that accepts connections.
 */
export function callerOfControlGroup(text: string): Caller | undefined {
  const line = text.split("\n").find((each) => each.startsWith("0::"));
  const name = /\/[^/@]+@([0-9]+-[^/]+)\.service$/.exec(line ?? "")?.[1];
  return name === undefined ? undefined : callerOfInstance(name);
}

export type Verdict =
  | "granted"
  | "denied"
  /** By a person who is asked for a password, which the caller did not allow, or nobody is there to ask. */
  | "needs-authentication";

export interface Authority {
  /** Whether `caller` may do what `action` names; `interactive`: a person may be asked. Denied where nobody decides. */
  ask(action: string, caller: Caller, interactive: boolean): Promise<Verdict>;
}
