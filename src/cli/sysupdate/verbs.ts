// The verbs of systemd-sysupdate (interfaces D.5): how many arguments each takes, and what it does.
import type { SysupdateOptions } from "./options.ts";
import type { Verb } from "./verb.ts";
import { disableComponent, disableFeature, enableComponent, enableFeature } from "./verb-enable.ts";
import { components, features } from "./verb-features.ts";
import { checkNew, list } from "./verb-list.ts";
import { pending, reboot } from "./verb-pending.ts";
import { acquire, cleanup, update, vacuum } from "./verb-update.ts";

export interface VerbLine {
  readonly usage: string;
  readonly brief: string;
  readonly argumentsMax: number;
  /** It moves data: its progress is shown, and being stopped leaves something to go on from. */
  readonly long?: boolean;
  readonly run: Verb;
  /** Which of `-a`, `-A` and the like it takes. */
  readonly selects?: readonly (keyof SysupdateOptions)[];
  /** Of the components only `--component-all`. */
  readonly allOnly?: boolean;
}

const anyNumber = 1000;

export const verbs: Readonly<Record<string, VerbLine>> = {
  list: { usage: " [VERSION]", brief: "Show installed and available versions", argumentsMax: 1, run: list },
  features: { usage: " [FEATURE]", brief: "Show optional features", argumentsMax: 1, run: features },
  "enable-feature": {
    usage: " FEATURE...",
    brief: "Enable optional features",
    argumentsMax: anyNumber,
    run: enableFeature,
    selects: ["featureSelect", "componentSelect"],
    allOnly: true,
  },
  "disable-feature": {
    usage: " FEATURE...",
    brief: "Disable optional features",
    argumentsMax: anyNumber,
    run: disableFeature,
    selects: ["featureSelect", "componentSelect"],
    allOnly: true,
  },
  "check-new": { usage: "", brief: "Check if there's a new version available", argumentsMax: 0, run: checkNew },
  update: {
    usage: " [VERSION]",
    brief: "Install a new version now",
    argumentsMax: 1,
    long: true,
    run: update,
    selects: ["componentSelect"],
    allOnly: true,
  },
  acquire: {
    usage: " [VERSION]",
    brief: "Download a new version now",
    argumentsMax: 1,
    long: true,
    run: acquire,
    selects: ["componentSelect"],
    allOnly: true,
  },
  vacuum: { usage: "", brief: "Make room by deleting old versions", argumentsMax: 0, run: vacuum },
  cleanup: {
    usage: "",
    brief: "Clean up what no transfer owns any more",
    argumentsMax: 0,
    run: cleanup,
    selects: ["componentSelect"],
    allOnly: true,
  },
  pending: { usage: "", brief: "Is a newer version installed than booted?", argumentsMax: 0, run: pending },
  reboot: { usage: "", brief: "Reboot if a newer version is installed", argumentsMax: 0, run: reboot },
  components: { usage: "", brief: "Show the list of components", argumentsMax: 0, run: components },
  "enable-component": {
    usage: " COMPONENT...",
    brief: "Enable components",
    argumentsMax: anyNumber,
    run: enableComponent,
    selects: ["componentSelect"],
  },
  "disable-component": {
    usage: " COMPONENT...",
    brief: "Disable components",
    argumentsMax: anyNumber,
    run: disableComponent,
    selects: ["componentSelect"],
  },
};
