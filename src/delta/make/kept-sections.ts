// Sections of a delta until the last one is made: they are written after the head, and the head says how long each is.
import { createHash } from "node:crypto";
import { Fault } from "../../base/fault.ts";
import type { DeltaGroup } from "../../format/delta-file.ts";
import type { LocalBytes } from "../reader.ts";

/** A file that nobody else uses; a DiskFile is one. */
export interface Spool extends Pick<LocalBytes, "read"> {
  write(offset: number, bytes: Uint8Array): Promise<void>;
}

/** Gives back the bytes of one section, proven. Throws a Fault (`delta-spool`), and what reading throws. */
export type TakeSection = () => Promise<Uint8Array>;

export class KeptSections {
  readonly #spool: Spool | undefined;
  #end = 0;

  /** In memory where there is no spool. */
  constructor(spool: Spool | undefined) {
    this.#spool = spool;
  }

  /** May be called again before it has ended. Throws what writing throws. */
  async keep(bytes: Uint8Array, { length, sha256 }: DeltaGroup["section"]): Promise<TakeSection> {
    const spool = this.#spool;
    if (spool === undefined) return async () => bytes;
    const offset = this.#end;
    this.#end += length;
    await spool.write(offset, bytes);
    return async () => {
      const section = new Uint8Array(length);
      const read = await spool.read(offset, section);
      if (read === length && createHash("sha256").update(section).digest("hex") === sha256) return section;
      throw new Fault("delta-spool", "Cannot make a delta: a section reads otherwise than it was written", {
        hint: "Make it again; if that happens twice, the disk may be failing.",
      });
    };
  }
}
