// Which libraries a program needs: DT_NEEDED of a 64-bit little-endian ELF file, and the notes in which programs say what
// they load at run time (ELF-64 Object File Format; UAPI.9, "ELF dlopen metadata").

/** How much a program misses a library that it loads by itself. */
export type DlopenPriority = "required" | "recommended" | "suggested";

export interface ElfNeeds {
  /** Names of libraries, as in `libc.so.6`. */
  readonly needed: readonly string[];
  readonly loads: readonly { readonly names: readonly string[]; readonly priority: DlopenPriority }[];
  /** The dynamic loader, an absolute path. */
  readonly interpreter: string | undefined;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const headerSize = 64;
const segmentSize = 56;
const segmentsMax = 64;
const entriesMax = 4096;
const notesMax = 1024;
const dlopenNote = 0x407c0c0a;
const ptLoad = 1;
const ptDynamic = 2;
const ptInterp = 3;
const ptNote = 4;
const dtNeeded = 1;
const dtStrtab = 5;

const decoder = new TextDecoder();
const nothing: ElfNeeds = { needed: [], loads: [], interpreter: undefined };

/** What the file needs; nothing where it is no such ELF file, or a broken one. */
export function readElfNeeds(bytes: Uint8Array): ElfNeeds {
  if (bytes.length < headerSize || decoder.decode(bytes.subarray(0, 4)) !== "\x7fELF") return nothing;
  if (bytes[4] !== 2 || bytes[5] !== 1) return nothing;
  const segments = readSegments(bytes);
  const interp = segments.find(({ type }) => type === ptInterp);
  const notes = segments.filter(({ type }) => type === ptNote);
  return {
    needed: readNeeded(bytes, segments),
    loads: notes.flatMap((segment) => readLoads(bytes.subarray(segment.offset, segment.offset + segment.size))),
    interpreter: interp === undefined ? undefined : textAt(bytes, interp.offset),
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit number; larger than any file where it does not fit. */
function word(view: DataView, offset: number): number {
  return offset + 8 <= view.byteLength ? Number(view.getBigUint64(offset, true)) : Number.MAX_SAFE_INTEGER;
}

function readSegments(bytes: Uint8Array): readonly Segment[] {
  const view = viewOf(bytes);
  const start = word(view, 32);
  const count = Math.min(view.getUint16(56, true), segmentsMax);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * segmentSize;
    if (at + segmentSize > bytes.length) break;
    segments.push({
      type: view.getUint32(at, true),
      offset: word(view, at + 8),
      address: word(view, at + 16),
      size: word(view, at + 32),
    });
  }
  return segments;
}

function readNeeded(bytes: Uint8Array, segments: readonly Segment[]): readonly string[] {
  const dynamic = segments.find(({ type }) => type === ptDynamic);
  if (dynamic === undefined) return [];
  const view = viewOf(bytes);
  const offsets: number[] = [];
  let strings: number | undefined;
  for (let index = 0; index < Math.min(dynamic.size / 16, entriesMax); index++) {
    const at = dynamic.offset + index * 16;
    if (at + 16 > bytes.length) break;
    const tag = word(view, at);
    if (tag === 0) break;
    if (tag === dtNeeded) offsets.push(word(view, at + 8));
    if (tag === dtStrtab) strings = word(view, at + 8);
  }
  const load = segments.find(
    ({ type, address, size }) =>
      type === ptLoad && strings !== undefined && address <= strings && strings < address + size,
  );
  if (strings === undefined || load === undefined) return [];
  const base = strings - load.address + load.offset;
  return offsets.map((offset) => textAt(bytes, base + offset)).filter((name) => /^[\w.+-]{1,200}$/.test(name));
}

function textAt(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return end === -1 || end - offset > 4096 ? "" : decoder.decode(bytes.subarray(offset, end));
}

function readLoads(notes: Uint8Array): ElfNeeds["loads"] {
  const view = viewOf(notes);
  const found: ElfNeeds["loads"][number][] = [];
  for (let at = 0, count = 0; at + 12 <= notes.length && count < notesMax; count++) {
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const type = view.getUint32(at + 8, true);
    const start = at + 12 + Math.ceil(nameSize / 4) * 4;
    if (start + size > notes.length) break;
    if (type === dlopenNote) found.push(...readDlopen(decoder.decode(notes.subarray(start, start + size))));
    at = start + Math.ceil(size / 4) * 4;
  }
  return found;
}

function readDlopen(text: string): ElfNeeds["loads"] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/\0+$/, ""));
  } catch {
    return [];
  }
  if (!Array.isArray(parsed)) return [];
  return parsed.slice(0, 64).flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const { soname, priority } = item as { readonly soname?: unknown; readonly priority?: unknown };
    if (!Array.isArray(soname)) return [];
    const names = soname.filter((name): name is string => typeof name === "string" && /^[\w.+-]{1,200}$/.test(name));
    return [{ names, priority: priority === "required" || priority === "recommended" ? priority : "suggested" }];
  });
}
