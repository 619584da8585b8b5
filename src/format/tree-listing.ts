// The canonical listing of a tree: what the digest of an installed folder or subvolume is taken over (DESIGN,
// "Digest of what is installed"). One tree has one listing, byte for byte, on every machine.
//
// One line an item: path, type, mode, owner and content, separated by blanks, sorted by the bytes of the path.
//   etc f 0644 0:0 <sha256>      a file and the digest of its content
//   lib l 0777 0:0 usr/lib       a link and where it points
//   usr d 0755 0:0 -             a folder; fifos (p) and sockets (s) likewise
//   dev/null c 0666 0:0 1:3      a character (c) or block (b) device and its numbers
// In paths and links every byte outside of ! to ~ and every % is written %XX. The tree itself is ".".
import { Fault } from "../base/fault.ts";
import { isSha256, type Sha256 } from "../base/ids.ts";

export type TreeItem = { readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number } & (
  | { readonly kind: "file"; readonly sha256: Sha256 }
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "folder" | "fifo" | "socket" }
  | { readonly kind: "character-device" | "block-device"; readonly major: number; readonly minor: number }
);

const letters = {
  file: "f",
  symlink: "l",
  folder: "d",
  fifo: "p",
  socket: "s",
  "character-device": "c",
  "block-device": "b",
} as const;
const kinds = new Map(Object.entries(letters).map(([kind, letter]) => [letter, kind as TreeItem["kind"]]));

const maxListingBytes = 1 << 30;
const maxUint32 = 0xffff_ffff;

const refuse = (state: string): Fault =>
  new Fault("tree-listing-damaged", `Cannot use the listing of a tree: ${state}`);

function escape(text: string): string {
  if (text === "" || !text.isWellFormed() || text.includes("\0"))
    throw refuse(`${JSON.stringify(text.slice(0, 80))} is no name`);
  let escaped = "";
  for (const byte of new TextEncoder().encode(text)) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x25;
    escaped += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

function unescape(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw refuse("a name in it is not UTF-8");
  }
  // Only one spelling of each name is canonical.
  if (plain === "" || plain.includes("\0") || escape(plain) !== text)
    throw refuse("a name in it is spelt in another way");
  return plain;
}

/** Escaped text is ASCII; comparing what it stands for, byte by byte, must not see the escapes. */
function comparePaths(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const number = (value: number, max: number): number => {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  throw refuse(`${value} is out of range`);
};

function contentOf(item: TreeItem): string {
  switch (item.kind) {
    case "file":
      return item.sha256;
    case "symlink":
      return escape(item.target);
    case "character-device":
    case "block-device":
      return `${number(item.major, maxUint32)}:${number(item.minor, maxUint32)}`;
    case "folder":
    case "fifo":
    case "socket":
      return "-";
  }
}

function formatItem(item: TreeItem): string {
  // The mode of a link has no meaning and differs between file systems.
  const mode = item.kind === "symlink" ? 0o777 : number(item.mode, 0o7777);
  const owner = `${number(item.uid, maxUint32)}:${number(item.gid, maxUint32)}`;
  return `${escape(item.path)} ${letters[item.kind]} ${mode.toString(8).padStart(4, "0")} ${owner} ${contentOf(item)}\n`;
}

/** Items in any order to the bytes of the listing. Two items of one path are a Fault. */
export function formatTreeListing(items: Iterable<TreeItem>): Uint8Array {
  const encoder = new TextEncoder();
  const keyed = Array.from(items, (item) => ({ key: encoder.encode(item.path), line: formatItem(item) }));
  keyed.sort((a, b) => comparePaths(a.key, b.key));
  for (const [index, { key }] of keyed.entries()) {
    const before = keyed[index - 1];
    if (before !== undefined && comparePaths(before.key, key) === 0) throw refuse("one path is listed twice");
  }
  return encoder.encode(keyed.map(({ line }) => line).join(""));
}

const linePattern = /^([!-~]+) ([a-z]) ([0-7]{4}) (0|[1-9][0-9]{0,9}):(0|[1-9][0-9]{0,9}) ([!-~]+)$/;

function parseLine(line: string): TreeItem {
  const [, path, letter, mode, uid, gid, content] = linePattern.exec(line) ?? [];
  const kind = kinds.get((letter ?? "") as (typeof letters)[keyof typeof letters]);
  if (path === undefined || content === undefined || kind === undefined) throw refuse("a line in it is no item");
  const common = {
    path: unescape(path),
    mode: Number.parseInt(mode ?? "", 8),
    uid: number(Number(uid), maxUint32),
    gid: number(Number(gid), maxUint32),
  };
  switch (kind) {
    case "file":
      if (!isSha256(content)) throw refuse("a file in it has no digest");
      return { ...common, kind, sha256: content };
    case "symlink":
      return { ...common, kind, target: unescape(content) };
    case "character-device":
    case "block-device": {
      const [, major, minor] = /^(0|[1-9][0-9]{0,9}):(0|[1-9][0-9]{0,9})$/.exec(content) ?? [];
      return { ...common, kind, major: number(Number(major), maxUint32), minor: number(Number(minor), maxUint32) };
    }
    case "folder":
    case "fifo":
    case "socket":
      if (content !== "-") throw refuse("a folder in it has content");
      return { ...common, kind };
  }
}

/** The items of a listing. Throws a Fault unless the bytes are exactly what formatTreeListing writes for them. */
export function parseTreeListing(bytes: Uint8Array): TreeItem[] {
  if (bytes.length > maxListingBytes) throw refuse("it is too large");
  const lines = new TextDecoder("latin1").decode(bytes).split("\n");
  if (lines.pop() !== "") throw refuse("its last line is cut off");
  const items = lines.map(parseLine);
  const again = formatTreeListing(items);
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index]))
    throw refuse("it is not in order");
  return items;
}
