// Writes a stream to a file in large pieces, hashing while the disk writes, flushing now and then so that
// a power cut costs little and the last flush is short.
import type { Sha256 } from "../../base/ids.ts";
import type { DiskFile } from "../../port/disk.ts";
import type { Hasher } from "../../port/digest.ts";
import type { Session } from "../session.ts";
import { flush } from "./flush.ts";

const pieceBytes = 1024 * 1024;
/** Room for most entries and small files: a large buffer is made for large files only. */
const firstBytes = 64 * 1024;
const flushEveryBytes = 64 * 1024 * 1024;

export class PieceWriter {
  readonly #session: Session;
  readonly #file: DiskFile;
  readonly #onFlushed: (done: number) => Promise<void>;
  #hasher: Hasher;
  /** Two pieces: one fills while the other is written. */
  #filling = new Uint8Array(firstBytes);
  #spare = new Uint8Array(firstBytes);
  #filled = 0;
  /** Bytes of the file that are written or being written. */
  #written: number;
  #flushed: number;
  #writing: Promise<void> = Promise.resolve();
  /** At most one flush, beside the writing of what comes after it; a slower disk is waited for at the next. */
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    session: Session,
    file: DiskFile,
    hasher: Hasher,
    position: number,
    onFlushed: (done: number) => Promise<void>,
  ) {
    this.#session = session;
    this.#file = file;
    this.#hasher = hasher;
    this.#written = position;
    this.#flushed = position;
    this.#onFlushed = onFlushed;
  }

  /** Bytes taken so far, counted from the start of the file. */
  get position(): number {
    return this.#written + this.#filled;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, pieceBytes - this.#filled);
      this.#makeRoom(this.#filled + length);
      this.#filling.set(bytes.subarray(at, at + length), this.#filled);
      this.#filled += length;
      at += length;
      if (this.#filled === pieceBytes) await this.#write();
    }
  }

  #makeRoom(sizeBytes: number): void {
    if (sizeBytes <= this.#filling.length) return;
    const larger = new Uint8Array(pieceBytes);
    larger.set(this.#filling.subarray(0, this.#filled));
    this.#filling = larger;
  }

  async #write(): Promise<void> {
    await this.#writing;
    const piece = this.#filling.subarray(0, this.#filled);
    const offset = this.#written;
    this.#filling = this.#spare;
    this.#spare = new Uint8Array(piece.buffer);
    this.#written += piece.length;
    this.#filled = 0;
    const flush = this.#written - this.#flushed >= flushEveryBytes;
    if (flush) this.#flushed = this.#written;
    this.#writing = this.#put(offset, piece, flush);
    // The next await sees a failure; this keeps it from being "unhandled" until then.
    this.#writing.catch(() => undefined);
    this.#hasher.update(piece);
  }

  async #put(offset: number, piece: Uint8Array, flush: boolean): Promise<void> {
    await this.#file.write(offset, piece);
    if (!flush) return;
    await this.#flushing;
    this.#flushing = this.#flush(offset + piece.length);
    this.#flushing.catch(() => undefined);
  }

  async #flush(done: number): Promise<void> {
    await flush(this.#file);
    await this.#onFlushed(done);
  }

  /** Everything taken so far is in the file and flushed when this returns. */
  async drain(): Promise<void> {
    if (this.#filled > 0) await this.#write();
    await this.#writing;
    await this.#flushing;
    this.#flushed = this.#written;
    await this.#flush(this.#written);
  }

  /** Begins again at the first byte: the server could not continue. */
  async restart(): Promise<void> {
    await this.#writing;
    await this.#flushing;
    this.#filled = 0;
    this.#written = 0;
    this.#flushed = 0;
    this.#hasher = this.#session.machine.digest.sha256();
  }

  /** Digest of everything taken; may be asked for once, after `drain`. */
  digest(): Sha256 {
    return this.#hasher.finish();
  }
}
