// What a crash leaves of a FAT volume: each slot, each chain and each freeing of clusters by itself, in no order.
import type { CrashPicks } from "../crash-choices.ts";
import type { Content } from "./content.ts";
import { fatTearBytes, type MountedChain } from "./fat-chain.ts";
import type { FatFolder } from "./fat-folder.ts";
import type { FatChain, FatImage, FatSlot } from "./fat-image.ts";
import { contentOutcomes } from "./file-system.ts";

type Folders = Map<number, (FatSlot | undefined)[]>;
type Chains = Map<number, FatChain>;
type Outcome = (folders: Folders, chains: Chains) => void;

/** One thing a crash decides, with what each outcome does to folders and chains of the medium. */
export interface FatQuestion {
  readonly what: string;
  readonly options: ReadonlyMap<string, Outcome>;
}

/** `reused` is what the clusters of new data held before. */
export function fatQuestions(
  mountPoint: string,
  folders: ReadonlyMap<number, FatFolder>,
  chains: ReadonlyMap<number, MountedChain>,
  reused: Content,
): readonly FatQuestion[] {
  const questions: FatQuestion[] = [];
  for (const [number, folder] of folders) {
    for (const [index, versions] of folder.pending) {
      const what = `slot ${index} of folder ${number} on ${mountPoint}`;
      questions.push({ what, options: slotOutcomes(number, index, [folder.medium[index], ...versions]) });
    }
  }
  for (const [number, chain] of chains) {
    const what = `chain ${number} on ${mountPoint}`;
    const options = chainOutcomes(number, chain, reused);
    if (options !== undefined) questions.push({ what, options });
  }
  return questions;
}

/** The medium after the crash. */
export function crashedImage(
  questions: readonly FatQuestion[],
  picks: CrashPicks,
  folders: ReadonlyMap<number, FatFolder>,
  chains: ReadonlyMap<number, MountedChain>,
): FatImage {
  const leftFolders: Folders = new Map([...folders].map(([number, folder]) => [number, [...folder.medium]]));
  const leftChains: Chains = new Map();
  for (const [number, { medium, freedOnMedium }] of chains) {
    leftChains.set(number, { content: medium, freed: freedOnMedium });
  }
  for (const [index, { options }] of questions.entries()) {
    const outcome = [...options.values()][picks[index] ?? 0];
    outcome?.(leftFolders, leftChains);
  }
  return { folders: leftFolders, chains: leftChains, dirty: true };
}

function slotOutcomes(
  number: number,
  index: number,
  versions: readonly (FatSlot | undefined)[],
): ReadonlyMap<string, Outcome> {
  const options = new Map<string, Outcome>();
  for (const slot of versions) {
    // A slot that came back to what it was is still another outcome than the one in between.
    let label = slot === undefined ? "free" : `${slot.name} (${slot.sizeBytes} bytes, chain ${slot.ref})`;
    while (options.has(label)) label += " again";
    options.set(label, (folders) => {
      const slots = folders.get(number);
      if (slots === undefined) return;
      while (slots.length < index) slots.push(undefined);
      slots[index] = slot;
    });
  }
  return options;
}

function chainOutcomes(number: number, chain: MountedChain, reused: Content): ReadonlyMap<string, Outcome> | undefined {
  const options = new Map<string, Outcome>();
  if (chain.freed && !chain.freedOnMedium) {
    options.set("kept", () => {});
    options.set("freed", (_, chains) => chains.set(number, { content: chain.medium, freed: true }));
    return options;
  }
  if (!chain.dirty || chain.lost || chain.freed) return undefined;
  for (const [label, content] of contentOutcomes(chain.medium, chain.cached, reused, fatTearBytes)) {
    options.set(label, (_, chains) => chains.set(number, { content, freed: false }));
  }
  return options;
}
