// What a judged boot leaves for good: notes that were read stay gone (P7, P8).
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { judgedBoots } from "../../../../src/sim/scenario/judged-boots.ts";
import type { Listed } from "../../../../src/sim/scenario/listed.ts";
import { asking } from "./watch.ts";

const goneForGood =
  (path: string) =>
  async ({ tree }: SimWorld): Promise<readonly string[]> =>
    tree.peek(path) === undefined ? [] : [`${path} is there again`];

/** The scenario of the catalogue, and after it this file is gone, whatever a power cut does. */
function without(scenario: string, path: string): Listed {
  const found = judgedBoots.find(({ name }) => name === scenario);
  if (found === undefined) throw new Error(`Assertion failed: there is a scenario called ${scenario}`);
  return { ...asking(found, { lasting: goneForGood(path) }), name: `${scenario}, and ${path} is gone for good` };
}

export const bootsForGood: readonly Listed[] = [
  without("v1 wakes after the blessed v2 lost its image (KDE Linux, March 2026)", "/efi/EFI/holdfast/failures.txt"),
];
