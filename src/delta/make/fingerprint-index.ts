// Which old piece has which sampled hash: a table of two numbers an entry, because there are millions of them.
// The first piece with a hash keeps it; hashes that many pieces have say little anyway.

const growAt = 0.7;

export class FingerprintIndex {
  #hashes = new Uint32Array(1 << 16);
  /** Piece + 1; 0 is free. */
  #pieces = new Uint32Array(1 << 16);
  #count = 0;

  add(hash: number, piece: number): void {
    if (this.#count > this.#hashes.length * growAt) this.#grow();
    const slot = this.#slot(hash);
    if (this.#pieces[slot] !== 0) return;
    this.#hashes[slot] = hash;
    this.#pieces[slot] = piece + 1;
    this.#count += 1;
  }

  /** -1 when no piece has it. */
  find(hash: number): number {
    return (this.#pieces[this.#slot(hash)] as number) - 1;
  }

  /** Where the hash is, or would be. */
  #slot(hash: number): number {
    const mask = this.#hashes.length - 1;
    let slot = (Math.imul(hash, 0x9e3779b1) >>> 0) & mask;
    while (this.#pieces[slot] !== 0 && this.#hashes[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const pieces = this.#pieces;
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#pieces = new Uint32Array(hashes.length * 2);
    for (let from = 0; from < hashes.length; from += 1) {
      if (pieces[from] === 0) continue;
      const slot = this.#slot(hashes[from] as number);
      this.#hashes[slot] = hashes[from] as number;
      this.#pieces[slot] = pieces[from] as number;
    }
  }
}
