// The scenarios in which power is cut at every call (issue 3, "Exhaustive where possible"): named, and made when asked for.
import { changedDefinitions } from "./changed-definitions.ts";
import { clocks } from "./clocks.ts";
import { concurrent } from "./concurrent.ts";
import { damages } from "./damages.ts";
import { judgedBoots } from "./judged-boots.ts";
import { leftovers } from "./leftovers.ts";
import type { Listed } from "./listed.ts";
import { repairs } from "./repairs.ts";
import { rooms } from "./rooms.ts";
import { secureBoots } from "./secure-boots.ts";
import { switches } from "./switches.ts";
import { trials } from "./trials.ts";
import { updates } from "./updates.ts";
import { vacuums } from "./vacuums.ts";
import { ways } from "./ways.ts";

export type { Listed } from "./listed.ts";

export const catalogue: readonly Listed[] = [
  ...updates,
  ...ways,
  ...switches,
  ...vacuums,
  ...repairs,
  ...trials,
  ...damages,
  ...changedDefinitions,
  ...leftovers,
  ...rooms,
  ...clocks,
  ...concurrent,
  ...judgedBoots,
  ...secureBoots,
];
