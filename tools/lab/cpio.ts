// Writes a cpio archive in the "newc" format, the one the Linux kernel unpacks as an initrd (its buffer-format.rst).

export type CpioEntry =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly bytes: Uint8Array; readonly executable?: boolean }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const typeBits = { folder: 0o040000, file: 0o100000, link: 0o120000 } as const;

/** Paths are relative, parents first; owners are root and times zero, so that equal entries give equal bytes. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts = entries.flatMap((entry, index) => {
    const mode = typeBits[entry.kind] | (entry.kind === "file" && entry.executable !== true ? 0o644 : 0o755);
    return record(entry.path, index + 1, mode, content(entry));
  });
  return Buffer.concat([...parts, ...record("TRAILER!!!", 0, 0, Buffer.alloc(0))]);
}

function content(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.bytes;
  return Buffer.from(entry.kind === "link" ? entry.target : "");
}

function record(path: string, inode: number, mode: number, bytes: Uint8Array): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = 1;
  const fields = [inode, mode, 0, 0, links, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [header, name, padding(header.length + name.length), bytes, padding(bytes.length)];
}

function padding(size: number): Uint8Array {
  return Buffer.alloc((4 - (size % 4)) % 4);
}
