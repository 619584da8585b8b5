// The names of the states that were explored, as hashes of 64 bits: for one explorer, or shared between workers.

/** Halves of a hash. Of a million names two share one with a chance below one in ten million. */
export interface StateHash {
  readonly low: number;
  readonly high: number;
}

export interface StateSet {
  /** `false` when it was there already, or when there is no room left. */
  add(hash: StateHash): boolean;
}

/** Two lanes of a multiplying hash, which nobody attacks here. `salt` keeps the states of one scenario from those of another. */
export function hashState(name: string, salt: number): StateHash {
  let low = 0x811c9dc5 ^ salt;
  let high = 0x7f4a7c15 + salt;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (high >>> 13) ^ code, 0x5bd1e995);
  }
  low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d);
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b);
  return { low: (low ^ (low >>> 13)) >>> 0, high: (high ^ (high >>> 13)) >>> 0 };
}

/** For one explorer: 53 bits of each hash, what a number holds. */
export class OwnStates implements StateSet {
  readonly #known: Set<number> = new Set();

  add({ low, high }: StateHash): boolean {
    const before = this.#known.size;
    this.#known.add((high & 0x1fffff) * 2 ** 32 + low);
    return this.#known.size > before;
  }
}

/** Open addressing in memory that several workers share; a slot is taken once and never given back. */
export class SharedStates implements StateSet {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: BigInt64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#slots = new BigInt64Array(buffer);
  }

  /** Room for about `states` of them. */
  static make(states: number): SharedStates {
    return new SharedStates(new SharedArrayBuffer(2 ** Math.ceil(Math.log2(Math.max(states, 1) * 2)) * 8));
  }

  add({ low, high }: StateHash): boolean {
    const slots = this.#slots;
    // Zero marks a free slot.
    const value = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)) || 1n;
    const mask = slots.length - 1;
    for (let step = 0, at = low & mask; step < 4096; step++, at = (at + 1) & mask) {
      const found = Atomics.compareExchange(slots, at, 0n, value);
      if (found === 0n) return true;
      if (found === value) return false;
    }
    return false;
  }
}
