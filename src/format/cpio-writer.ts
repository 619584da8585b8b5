// Writes a cpio archive in the "newc" format, the one the Linux kernel unpacks as an initrd (its buffer-format.rst).

export type CpioEntry =
  | { readonly kind: "folder"; readonly path: string; readonly mode?: number }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly executable?: boolean;
      readonly mode?: number;
    }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const typeBits = { folder: 0o040000, file: 0o100000, link: 0o120000 } as const;
const encoder = new TextEncoder();
const nothing = new Uint8Array();

/** Paths are relative, parents first; owners are root and times zero, so that equal entries give equal bytes. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts = [
    ...entries.flatMap((entry, index) =>
      record(entry.path, index + 1, typeBits[entry.kind] | modeOf(entry), content(entry)),
    ),
    ...record("TRAILER!!!", 0, 0, nothing),
  ];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function modeOf(entry: CpioEntry): number {
  if (entry.kind === "link") return 0o777;
  return entry.mode ?? (entry.kind === "file" && entry.executable !== true ? 0o644 : 0o755);
}

function content(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.bytes;
  return entry.kind === "link" ? encoder.encode(entry.target) : nothing;
}

function record(path: string, inode: number, mode: number, bytes: Uint8Array): Uint8Array[] {
  const name = encoder.encode(`${path}\0`);
  const links = 1;
  const fields = [inode, mode, 0, 0, links, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const header = encoder.encode(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [header, name, padding(header.length + name.length), bytes, padding(bytes.length)];
}

function padding(size: number): Uint8Array {
  return new Uint8Array((4 - (size % 4)) % 4);
}
