// Every scenario that is run against a removal: the ones of this folder, then those of the simulator.
import { scenarios as all } from "../../../src/sim/scenarios.ts";
import type { Listed } from "../../../src/sim/scenario/listed.ts";
import { beyondRepair } from "./worlds/beyond-repair.ts";
import { bootsForGood } from "./worlds/boots-for-good.ts";
import { corners } from "./worlds/corners.ts";
import { halfDone } from "./worlds/half-done.ts";
import { inDoubt } from "./worlds/in-doubt.ts";
import { lasting } from "./worlds/lasting.ts";
import { onTheEsp } from "./worlds/on-the-esp.ts";
import { othersWriteToo } from "./worlds/others-write-too.ts";
import { planned } from "./worlds/planned.ts";
import { proofs } from "./worlds/proofs.ts";
import { published } from "./worlds/published.ts";
import { refusals } from "./worlds/refusals.ts";
import { twoParts } from "./worlds/two-parts.ts";

export const ownScenarios: readonly Listed[] = [
  ...lasting,
  ...othersWriteToo,
  ...refusals,
  ...planned,
  ...proofs,
  ...corners,
  ...halfDone,
  ...beyondRepair,
  ...twoParts,
  ...onTheEsp,
  ...published,
  ...inDoubt,
  ...bootsForGood,
];
export const scenarios: readonly Listed[] = [...ownScenarios, ...all];
