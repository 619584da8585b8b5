// Every scenario that is run against a removal: the ones of this folder, then the catalogue's.
import { catalogue } from "../../../src/sim/scenario/catalogue.ts";
import type { Listed } from "../../../src/sim/scenario/listed.ts";
import { corners } from "./worlds/corners.ts";
import { lasting } from "./worlds/lasting.ts";
import { othersWriteToo } from "./worlds/others-write-too.ts";
import { refusals } from "./worlds/refusals.ts";

export const ownScenarios: readonly Listed[] = [...lasting, ...othersWriteToo, ...refusals, ...corners];
export const scenarios: readonly Listed[] = [...ownScenarios, ...catalogue];
