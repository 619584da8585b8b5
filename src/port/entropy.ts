// The Entropy port: chance, injected so that a simulated run repeats.

export interface Entropy {
  bytes(count: number): Uint8Array;
}
