// A delta file: how the bytes of one file come out of an older one (issue 5). `magic | head | sections`: the head has the
// whole recipe, group by group in the order of the target, and the sections have what the old file lacks, one a group.
// The format knows no file system: it names ranges of the old file, some of them zstd frames, and what is to be encoded again.
import { Fault } from "../base/fault.ts";
import { emptySha256, parseSha256, type Sha256 } from "../base/ids.ts";
import { toHex } from "../base/text.ts";
import { type ColumnReader, ColumnWriter, joinColumns, splitColumns } from "./byte-columns.ts";

/** Bytes of the old file that a group draws upon. */
export interface OldRange {
  readonly offset: number;
  readonly length: number;
  /** When the range is padding and one zstd frame: length of what is in it. 0 when the bytes are taken as they are. */
  readonly plainLength: number;
}

/** Parameters under which zstd makes the target's clusters again, bit for bit. */
export interface Encoder {
  readonly level: number;
  readonly windowLog: number;
}

/** What comes next in the target. */
export type DeltaStep =
  /** Bytes of the old file, from its `offset`. */
  | { readonly kind: "copy"; readonly offset: number; readonly length: number }
  /** The group's next plain bytes, as they are. */
  | { readonly kind: "plain"; readonly length: number }
  /** The group's next plain bytes as a zstd frame, behind zeros that fill it up to `length`. */
  | { readonly kind: "encode"; readonly plainLength: number; readonly length: number; readonly encoder: number };

/** One section and all that is made of it; done in one piece. */
export interface DeltaGroup {
  /** Their content, one behind the other, is the dictionary of the section. */
  readonly references: readonly OldRange[];
  /** In order; no section where everything is copied. */
  readonly steps: readonly DeltaStep[];
  /** A zstd frame of the plain bytes of all steps; 0 bytes long where there are none. */
  readonly section: { readonly length: number; readonly sha256: Sha256 };
}

export interface DeltaRecipe {
  readonly oldBytes: number;
  readonly targetBytes: number;
  readonly encoders: readonly Encoder[];
  /** Of what the encoders make of the known sample, one behind the other: an encoder of another version is noticed first. */
  readonly sampleSha256: Sha256;
  readonly groups: readonly DeltaGroup[];
}

/** What a head may ask of a machine; whoever makes a delta keeps below them. */
export const deltaLimits: {
  readonly headBytes: number;
  readonly recipeBytes: number;
  readonly groups: number;
  readonly references: number;
  readonly steps: number;
  readonly encoders: number;
  readonly dictionaryBytes: number;
  readonly plainBytes: number;
  readonly producedBytes: number;
  readonly clusterBytes: number;
  readonly sectionBytes: number;
  readonly windowLog: number;
} = {
  headBytes: 8 << 20,
  recipeBytes: 16 << 20,
  groups: 1 << 16,
  references: 400_000,
  steps: 400_000,
  encoders: 8,
  /** Of one group, decoded, and as they lie in the old file. */
  dictionaryBytes: 10 << 20,
  /** Of one group. */
  plainBytes: 8 << 20,
  /** Of one group, without what is copied. */
  producedBytes: 10 << 20,
  clusterBytes: 1 << 20,
  /** Of one group: plain bytes that do not compress, and zstd's frame around them. */
  sectionBytes: (8 << 20) + (64 << 10),
  windowLog: 20,
};

const magic = Uint8Array.of(0x89, 0x48, 0x46, 0x44, 0x0d, 0x0a, 0x1a, 0x01);
/** Magic, then the recipe's length without compression, 32 bits little-endian. */
export const deltaPrefixBytes: number = magic.length + 4;

function damaged(why: string, hint = "Fetch the delta again, or update without it."): Fault {
  return new Fault("delta-damaged", `Cannot read the delta: ${why}`, { hint });
}

/** The first bytes of the file. */
export function formatDeltaPrefix(recipeBytes: number): Uint8Array {
  const prefix = new Uint8Array(deltaPrefixBytes);
  prefix.set(magic);
  new DataView(prefix.buffer).setUint32(magic.length, recipeBytes, true);
  return prefix;
}

/** The recipe's length without compression. */
export function parseDeltaPrefix(head: Uint8Array): number {
  if (head.length < deltaPrefixBytes) throw damaged("it ends early");
  if (magic.some((byte, index) => head[index] !== byte)) {
    const known = magic.subarray(0, -1).every((byte, index) => head[index] === byte);
    throw damaged(
      known ? "it has a newer format" : "it does not begin like one",
      known ? "Update Holdfast, or update without deltas." : undefined,
    );
  }
  const length = new DataView(head.buffer, head.byteOffset).getUint32(magic.length, true);
  if (length > deltaLimits.recipeBytes) throw damaged(`its recipe has ${length} bytes`);
  return length;
}

const columnCount = 10;
const digestBytes = 32;

/** The recipe without compression. */
export function formatRecipe(recipe: DeltaRecipe): Uint8Array {
  const columns = Array.from({ length: columnCount }, () => new ColumnWriter());
  const [top, group, refOffset, refLength, refPlain, kind, copyOffset, length, encodePlain, encodeLength] =
    columns as unknown as Columns<ColumnWriter>;
  for (const value of [recipe.oldBytes, recipe.targetBytes, recipe.groups.length, recipe.encoders.length])
    top.put(value);
  for (const { level, windowLog } of recipe.encoders) {
    top.put(level);
    top.put(windowLog);
  }
  top.putBytes(Uint8Array.fromHex(recipe.sampleSha256));
  let refEnd = 0;
  let copyEnd = 0;
  for (const { references, steps, section } of recipe.groups) {
    for (const value of [references.length, steps.length, section.length]) group.put(value);
    if (section.length > 0) group.putBytes(Uint8Array.fromHex(section.sha256));
    for (const reference of references) {
      refOffset.putSigned(reference.offset - refEnd);
      refLength.put(reference.length);
      refPlain.put(reference.plainLength);
      refEnd = reference.offset + reference.length;
    }
    for (const step of steps) {
      kind.put(step.kind === "copy" ? 0 : step.kind === "plain" ? 1 : 2 + step.encoder);
      if (step.kind === "encode") {
        encodePlain.put(step.plainLength);
        encodeLength.put(step.length);
        continue;
      }
      length.put(step.length);
      if (step.kind === "plain") continue;
      copyOffset.putSigned(step.offset - copyEnd);
      copyEnd = step.offset + step.length;
    }
  }
  return joinColumns(columns);
}

type Columns<T> = readonly [T, T, T, T, T, T, T, T, T, T];

/** Everything in it keeps the limits, lies within the old file, and makes up the target exactly. Throws Faults. */
export function parseRecipe(bytes: Uint8Array): DeltaRecipe {
  if (bytes.length > deltaLimits.recipeBytes) throw damaged(`its recipe has ${bytes.length} bytes`);
  const columns = splitColumns(bytes, columnCount);
  const [top] = columns as unknown as Columns<ColumnReader>;
  const oldBytes = top.take();
  const targetBytes = top.take();
  const groupCount = bounded("groups", top.take(), deltaLimits.groups);
  const encoderCount = bounded("encoders", top.take(), deltaLimits.encoders);
  const encoders = Array.from({ length: encoderCount }, () => takeEncoder(top));
  const sampleSha256 = takeDigest(top);
  const reading: Reading = { columns: columns as unknown as Columns<ColumnReader>, oldBytes, encoders: encoderCount };
  const state: ReadingState = { refEnd: 0, copyEnd: 0, references: 0, steps: 0 };
  const groups: DeltaGroup[] = [];
  let made = 0;
  for (let index = 0; index < groupCount; index += 1) {
    const group = takeGroup(reading, state);
    made += group.steps.reduce((sum, step) => sum + step.length, 0);
    if (made > targetBytes) throw damaged("it makes more than its target");
    groups.push(group);
  }
  if (made !== targetBytes) throw damaged("it makes less than its target");
  for (const column of columns) column.end();
  return { oldBytes, targetBytes, encoders, sampleSha256, groups };
}

interface Reading {
  readonly columns: Columns<ColumnReader>;
  readonly oldBytes: number;
  readonly encoders: number;
}

interface ReadingState {
  refEnd: number;
  copyEnd: number;
  references: number;
  steps: number;
}

function takeGroup({ columns, oldBytes, encoders }: Reading, state: ReadingState): DeltaGroup {
  const [, group, refOffset, refLength, refPlain, kind, copyOffset, length, encodePlain, encodeLength] = columns;
  const referenceCount = group.take();
  const stepCount = group.take();
  state.references = bounded("references", state.references + referenceCount, deltaLimits.references);
  state.steps = bounded("steps", state.steps + stepCount, deltaLimits.steps);
  const sectionLength = bounded("bytes in a section", group.take(), deltaLimits.sectionBytes);
  const sha256 = sectionLength > 0 ? takeDigest(group) : emptySha256;
  const references: OldRange[] = [];
  let read = 0;
  let dictionary = 0;
  for (let index = 0; index < referenceCount; index += 1) {
    const offset = state.refEnd + refOffset.takeSigned();
    const range = { offset, length: refLength.take(), plainLength: refPlain.take() };
    demandInside(range, oldBytes);
    read = bounded("bytes to draw upon", read + range.length, deltaLimits.dictionaryBytes);
    const plain = range.plainLength === 0 ? range.length : range.plainLength;
    dictionary = bounded("bytes to draw upon", dictionary + plain, deltaLimits.dictionaryBytes);
    state.refEnd = offset + range.length;
    references.push(range);
  }
  const steps: DeltaStep[] = [];
  let plain = 0;
  let produced = 0;
  for (let index = 0; index < stepCount; index += 1) {
    const code = kind.take();
    if (code === 0) {
      const offset = state.copyEnd + copyOffset.takeSigned();
      const step: DeltaStep = { kind: "copy", offset, length: length.take() };
      demandInside(step, oldBytes);
      state.copyEnd = offset + step.length;
      steps.push(step);
      continue;
    }
    const step: DeltaStep =
      code === 1
        ? { kind: "plain", length: length.take() }
        : {
            kind: "encode",
            plainLength: encodePlain.take(),
            length: bounded("bytes in a cluster", encodeLength.take(), deltaLimits.clusterBytes),
            encoder: bounded("encoders", code - 1, encoders) - 1,
          };
    const own = step.kind === "encode" ? step.plainLength : step.length;
    if (own === 0 || step.length === 0) throw damaged("a step does nothing");
    plain = bounded("plain bytes in a group", plain + own, deltaLimits.plainBytes);
    produced = bounded("bytes made in a group", produced + step.length, deltaLimits.producedBytes);
    steps.push(step);
  }
  if (plain > 0 !== sectionLength > 0) throw damaged("a section and its steps do not fit");
  if (plain === 0 && referenceCount > 0) throw damaged("a group draws upon bytes for nothing");
  return { references, steps, section: { length: sectionLength, sha256 } };
}

function takeEncoder(top: ColumnReader): Encoder {
  const encoder = { level: top.take(), windowLog: top.take() };
  if (encoder.level < 1 || encoder.level > 22) throw damaged(`an encoder has level ${encoder.level}`);
  if (encoder.windowLog < 10 || encoder.windowLog > deltaLimits.windowLog)
    throw damaged(`an encoder has a window of 2^${encoder.windowLog} bytes`);
  return encoder;
}

function takeDigest(column: ColumnReader): Sha256 {
  return parseSha256(toHex(column.takeBytes(digestBytes)));
}

function bounded(what: string, value: number, most: number): number {
  if (value > most) throw damaged(`it has ${value} ${what}, and ${most} is the most`);
  return value;
}

function demandInside({ offset, length }: { readonly offset: number; readonly length: number }, size: number): void {
  if (length === 0 || offset < 0 || offset + length > size) throw damaged("it names bytes outside of the old file");
}
