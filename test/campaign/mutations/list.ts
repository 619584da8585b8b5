// Everything that is taken away, one at a time.
import { acquireRemovals } from "./list/acquire.ts";
import { bootRemovals } from "./list/boots.ts";
import { executeRemovals } from "./list/execute.ts";
import { espRemovals } from "./list/esp.ts";
import { installRemovals } from "./list/install.ts";
import { keepingRemovals } from "./list/keeping.ts";
import { publishRemovals } from "./list/publish.ts";
import { secureBootRemovals } from "./list/secure-boots.ts";
import { plannerRemovals } from "./list/planner.ts";
import { stageRemovals } from "./list/stage.ts";
import { stateRemovals } from "./list/state.ts";
import { switchRemovals } from "./list/switch.ts";
import type { Removal } from "./removal.ts";

export const removals: readonly Removal[] = [
  ...acquireRemovals,
  ...installRemovals,
  ...executeRemovals,
  ...espRemovals,
  ...switchRemovals,
  ...stateRemovals,
  ...plannerRemovals,
  ...keepingRemovals,
  ...secureBootRemovals,
  ...bootRemovals,
  ...stageRemovals,
  ...publishRemovals,
];
