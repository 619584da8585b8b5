// fsck.fat while it writes: what it changes reaches the medium piece by piece, and the power may go in between (P6).
import type { FatSlot, FatImage } from "./fat-image.ts";
import type { FatState } from "./fat-state.ts";

/** Turns `state` into one in which everything that `repaired` has otherwise is on its way to the medium. */
export function beginRepair(state: FatState, repaired: FatImage): void {
  for (const [number, folder] of state.folders) {
    const slots = repaired.folders.get(number);
    if (slots === undefined) continue;
    const pending = new Map<number, readonly (FatSlot | undefined)[]>();
    for (let index = 0; index < Math.max(slots.length, folder.medium.length); index++)
      if (slots[index] !== folder.medium[index]) pending.set(index, [slots[index]]);
    state.folders.set(number, { ...folder, slots, blocks: slots, pending });
  }
  for (const [number, chain] of state.chains) {
    const after = repaired.chains.get(number);
    if (after === undefined && !chain.freed) state.chains.set(number, { ...chain, freed: true, freedOnMedium: false });
    else if (after !== undefined && !after.content.equals(chain.medium))
      state.chains.set(number, { ...chain, cached: after.content, dirty: true });
  }
}
