// All scenarios: of machines that are updated, and of repositories that are published.
import { publishing } from "./publisher/publishing.ts";
import { catalogue } from "./scenario/catalogue.ts";
import type { Listed } from "./scenario/listed.ts";

export const scenarios: readonly Listed[] = [...catalogue, ...publishing];
