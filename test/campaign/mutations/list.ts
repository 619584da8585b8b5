// Everything that is taken away, one at a time.
import { acquireRemovals } from "./list/acquire.ts";
import { decisionRemovals } from "./list/decisions.ts";
import { espRemovals } from "./list/esp.ts";
import { installRemovals } from "./list/install.ts";
import { stateRemovals } from "./list/state.ts";
import type { Removal } from "./removal.ts";

export const removals: readonly Removal[] = [
  ...acquireRemovals,
  ...installRemovals,
  ...espRemovals,
  ...stateRemovals,
  ...decisionRemovals,
];
