// Frees large buffers when their use is over, not when garbage is collected: V8 sees the small objects and not how much hangs
// on them, and a collection for each group of a delta costs more than what is done with the group (issue 5, goals).

/** Less is left to the collector. */
const bytesMin = 32 << 10;

/** Nobody may use the bytes after this, nor any other view of their buffer. */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < bytesMin || buffer.detached) return;
  try {
    // A transfer to a buffer of no size: the old one is detached, and its memory is free.
    buffer.transfer(0);
  } catch {
    // Small ones are cut from a pool that Node does not let anybody take away.
  }
}

/** Frees what a stream has read once all of it was taken: the pieces of one read come one behind the other. */
export class Taken {
  #last: Uint8Array | undefined;

  /** Nobody looks at any piece before this one again. */
  next(piece: Uint8Array): void {
    if (this.#last !== undefined && this.#last.buffer !== piece.buffer) release(this.#last);
    this.#last = piece;
  }
}
