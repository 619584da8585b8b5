// A machine with Secure Boot on: Debian's OVMF that keeps its variables behind system management mode, and keys of our own
// in a store of its own (P12).
import { dirname, join } from "node:path";
import { Machine, type MachineOptions } from "../machine/machine.ts";
import { writeVariables } from "../machine/variable-store.ts";
import type { BootKey, KeyRoom, ListedKey } from "./keys.ts";

const globalVariable = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const imageSecurityDatabase = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
/** edk2's own switch, which takes effect once there is a platform key. */
const secureBootEnable = "f0a30bc7-af08-4556-99c4-001009c93a44";
/** Non-volatile, for boot services and at run time, and signed with a time. */
const authenticated = 0x27;
const ordinary = 0x07;
const bootServicesOnly = 0x03;

export interface EnrolledKeys {
  /** Becomes PK and KEK, too. */
  readonly owner: BootKey;
  readonly db: readonly ListedKey[];
  readonly dbx: readonly ListedKey[];
}

/** Needs the tools of `listTools`. Variables of the machine that is made are `keys`; it has no other. */
export async function secureMachine(
  options: Omit<MachineOptions, "firmware">,
  room: KeyRoom,
  keys: EnrolledKeys,
): Promise<Machine> {
  const { firmware } = options.parts;
  const machine = await Machine.create({
    ...options,
    firmware: {
      code: join(dirname(firmware.code), "OVMF_CODE_4M.secboot.fd"),
      variables: firmware.variables,
    },
    more: [...(options.more ?? []), "-machine", "smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"],
  });
  await enroll(machine.variables, room, keys);
  return machine;
}

/** Puts keys into a store of variables, as a person would from the firmware's menu. */
async function enroll(store: string, room: KeyRoom, { owner, db, dbx }: EnrolledKeys): Promise<void> {
  const own = await room.lists({ kind: "certificate", key: owner });
  const list = (name: string, vendor: string, data: Uint8Array) => ({ name, vendor, attributes: authenticated, data });
  await writeVariables(store, [
    list("PK", globalVariable, own),
    list("KEK", globalVariable, own),
    list("db", imageSecurityDatabase, await room.lists(...db)),
    list("dbx", imageSecurityDatabase, await room.lists(...dbx)),
    { name: "SecureBootEnable", vendor: secureBootEnable, attributes: bootServicesOnly, data: Uint8Array.of(1) },
  ]);
}

/** Has the firmware try these programs of the ESP one after the other; paths with backslashes. */
export async function bootInTurn(store: string, programs: readonly string[]): Promise<void> {
  const number = (at: number): string => (at + 0x10).toString(16).toUpperCase().padStart(4, "0");
  const variable = (name: string, data: Uint8Array) => ({ name, vendor: globalVariable, attributes: ordinary, data });
  await writeVariables(store, [
    variable("BootOrder", new Uint8Array(Uint16Array.from(programs, (_, at) => at + 0x10).buffer)),
    ...programs.map((path, at) => variable(`Boot${number(at)}`, loadOption(path))),
  ]);
}

/** EFI_LOAD_OPTION (UEFI 3.1.3) with nothing but a path, which the firmware looks for on every volume. */
function loadOption(path: string): Uint8Array {
  const wide = (text: string): Buffer => Buffer.from(`${text}\0`, "utf16le");
  const node = (type: number, subtype: number, data: Uint8Array): Buffer =>
    Buffer.concat([Uint8Array.of(type, subtype), Uint8Array.of(4 + data.length, (4 + data.length) >> 8), data]);
  const paths = Buffer.concat([node(4, 4, wide(path)), node(0x7f, 0xff, new Uint8Array())]);
  return Buffer.concat([Uint8Array.of(1, 0, 0, 0, paths.length, paths.length >> 8), wide(path), paths]);
}
