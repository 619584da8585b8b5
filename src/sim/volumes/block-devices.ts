// Simulated disks with partition tables: bytes of partitions and tables, flushed or not (DESIGN, model of a disk).
import { assert } from "../../base/assert.ts";
import { applyChanges, type PartitionChange, type PartitionTable } from "../../format/partition-table.ts";
import type { CrashDimension, CrashPicks } from "../crash-choices.ts";
import { Content } from "../disk/content.ts";
import { contentOutcomes, tearPoint } from "../disk/file-system.ts";

const tearBytes = 4096;

/** The bytes of one partition. Replaced, never changed. */
interface Window {
  readonly cached: Content;
  readonly medium: Content;
  readonly dirty: boolean;
  /** A flush failed: no later one brings that data to the medium; what is written over it after that arrives. */
  readonly lost: boolean;
  /** What the next flush brings where one failed before. */
  readonly rewritten?: Content;
}

interface Device {
  readonly table: PartitionTable;
  /** Written, but not known to be whole on the medium. Torn, it reads as either: the backup is written after it. */
  readonly unfinished: PartitionTable | undefined;
  readonly windows: ReadonlyMap<number, Window>;
}

/** All disks of a machine that are used as partitions and not as files. */
export class BlockDevices {
  /** Grows with everything that a crash could show. */
  revision: number = 0;
  #devices: Map<string, Device> = new Map();
  readonly #blank: Set<string> = new Set();
  #key: string | undefined;

  /** Adds a disk; partitions begin with zeros. Known by `table.device`. */
  add(table: PartitionTable): void {
    const windows = new Map<number, Window>();
    for (const { number, sizeSectors } of table.partitions) {
      const zeros = Content.zeros(sizeSectors * table.sectorSizeBytes);
      windows.set(number, { cached: zeros, medium: zeros, dirty: false, lost: false });
    }
    this.#put(table.device, { table, unfinished: undefined, windows });
  }

  /** Adds a disk that nobody has partitioned. */
  addBlank(device: string): void {
    this.#blank.add(device);
  }

  isBlank(device: string): boolean {
    return this.#blank.has(device);
  }

  names(): readonly string[] {
    return [...this.#devices.keys()];
  }

  /** `undefined` when there is no such disk. */
  table(device: string): PartitionTable | undefined {
    return this.#devices.get(device)?.table;
  }

  /** Writes a table that is old or new after a crash, until `finishTable`. */
  beginTable(device: string, changes: readonly PartitionChange[]): void {
    const known = this.#device(device);
    this.#put(device, { ...known, unfinished: applyChanges(known.table, changes) });
  }

  finishTable(device: string): void {
    const known = this.#device(device);
    this.#put(device, { ...known, table: known.unfinished ?? known.table, unfinished: undefined });
  }

  /** What the program sees, or what the medium holds; `undefined` when there is no such partition. */
  content(device: string, number: number, from: "cache" | "medium"): Content | undefined {
    const window = this.#devices.get(device)?.windows.get(number);
    if (window === undefined) return undefined;
    if (from === "medium" && window.lost) return window.rewritten ?? window.medium;
    return from === "cache" || window.dirty ? window.cached : window.medium;
  }

  write(device: string, number: number, offset: number, piece: Content): void {
    this.#change(device, number, (window) => ({
      ...window,
      cached: window.cached.with(offset, piece),
      dirty: true,
      ...(window.lost ? { rewritten: (window.rewritten ?? window.medium).with(offset, piece) } : {}),
    }));
  }

  sync(device: string, number: number): void {
    this.#change(device, number, ({ cached, medium, dirty, lost, rewritten }) => ({
      cached,
      // What turned bad on the medium is not written again by a flush that has nothing to write.
      medium: lost ? (rewritten ?? medium) : dirty ? cached : medium,
      dirty: false,
      lost,
    }));
  }

  failSync(device: string, number: number, reached: "nothing" | "part" | "everything"): void {
    this.#change(device, number, (window) => {
      const part = window.medium.with(0, window.cached.slice(0, tearPoint(window.cached.sizeBytes, tearBytes)));
      const medium = reached === "nothing" ? window.medium : reached === "part" ? part : window.cached;
      return { cached: window.cached, medium, dirty: false, lost: reached !== "everything" };
    });
  }

  /** Puts bytes there, flushed. */
  plant(device: string, number: number, content: Content): void {
    this.#change(device, number, (window) => {
      const planted = window.medium.with(0, content);
      return { cached: planted, medium: planted, dirty: false, lost: false };
    });
  }

  /** Flips bits on the medium; reads through the cache stay as they were until the next boot. */
  corrupt(device: string, number: number, offset: number, mask: number = 0xff): void {
    this.#change(device, number, (window) => {
      const byte = window.medium.slice(offset, offset + 1).bytes()[0] ?? 0;
      return { ...window, medium: window.medium.with(offset, Content.of(Uint8Array.of(byte ^ mask))) };
    });
  }

  crashDimensions(): readonly CrashDimension[] {
    return this.#questions().map(({ what, options }) => ({ what, options: [...options.keys()] }));
  }

  afterCrash(picks: CrashPicks): BlockDevices {
    const after = this.fork();
    for (const [name, device] of after.#devices) {
      const windows = new Map<number, Window>();
      for (const [number, { medium }] of device.windows) {
        windows.set(number, { cached: medium, medium, dirty: false, lost: false });
      }
      after.#put(name, { ...device, unfinished: undefined, windows });
    }
    for (const [index, { options }] of this.#questions().entries()) {
      [...options.values()][picks[index] ?? 0]?.(after);
    }
    return after;
  }

  fork(): BlockDevices {
    const copy = new BlockDevices();
    copy.#devices = new Map(this.#devices);
    copy.#key = this.#key;
    for (const device of this.#blank) copy.#blank.add(device);
    return copy;
  }

  /** Everything flushed, caches gone. */
  remount(): void {
    for (const [name, { windows }] of this.#devices) {
      for (const number of windows.keys()) {
        this.sync(name, number);
        this.#change(name, number, ({ medium }) => ({ cached: medium, medium, dirty: false, lost: false }));
      }
    }
  }

  /** Names everything that two states can differ in. */
  key(): string {
    this.#key ??= this.#name();
    return this.#key;
  }

  /** What waits for its flush: with the key it decides what a crash can leave. */
  unflushed(): string {
    const lines: string[] = [];
    for (const [name, { unfinished, windows }] of this.#devices) {
      if (unfinished !== undefined)
        lines.push(
          `${name} ${unfinished.partitions.map(({ label, type, attributes }) => `${label} ${type} ${attributes}`).join()}`,
        );
      for (const [number, { medium, dirty, lost, rewritten }] of windows)
        if (dirty || lost) lines.push(`${name}#${number} ${(rewritten ?? medium).key()} ${dirty} ${lost}`);
    }
    return lines.join("\n");
  }

  #name(): string {
    return [...this.#devices]
      .map(([name, { table, windows }]) => {
        const rows = table.partitions.map(
          ({ number, type, uuid, label, attributes }) =>
            `${number} ${type} ${uuid} ${label} ${attributes} ${windows.get(number)?.cached.key()}`,
        );
        return [name, ...rows].join("\n");
      })
      .join("\n");
  }

  #put(name: string, device: Device): void {
    this.#devices.set(name, device);
    this.#key = undefined;
    this.revision++;
  }

  #device(device: string): Device {
    const known = this.#devices.get(device);
    assert(known !== undefined, `the disk ${device} exists`);
    return known;
  }

  #change(device: string, number: number, change: (window: Window) => Window): void {
    const known = this.#device(device);
    const window = known.windows.get(number);
    assert(window !== undefined, `partition ${number} of ${device} exists`);
    this.#put(device, { ...known, windows: new Map(known.windows).set(number, change(window)) });
  }

  #questions(): readonly {
    readonly what: string;
    readonly options: ReadonlyMap<string, (after: BlockDevices) => void>;
  }[] {
    return [...this.#devices].flatMap(([name, { unfinished, windows }]) => {
      const table =
        unfinished === undefined
          ? []
          : [
              {
                what: `partition table of ${name}`,
                options: new Map([
                  ["old", (): void => {}],
                  ["new", (after: BlockDevices): void => after.#setTable(name, unfinished)],
                ]),
              },
            ];
      const dirty = [...windows].filter(([, window]) => window.dirty && !window.lost);
      const contents = dirty.map(([number, window]) => ({
        what: `partition ${number} of ${name}`,
        options: new Map(
          [...contentOutcomes(window.medium, window.cached, Content.empty, tearBytes)].map(
            ([label, content]) => [label, (after: BlockDevices): void => after.plant(name, number, content)] as const,
          ),
        ),
      }));
      return [...table, ...contents];
    });
  }

  #setTable(device: string, table: PartitionTable): void {
    this.#put(device, { ...this.#device(device), table });
  }
}
