// One switching-on of the simulated machine: firmware, systemd-boot and initrd, as measured on real ones (P8).
// The choice is the loader model's (domain/loader.ts); what happens around it is told here.
import type { BootEntry } from "../../domain/boot-graph.ts";
import { countDown, withoutCounter } from "../../domain/entry-count.ts";
import { type LoaderState, predict } from "../../domain/loader.ts";
import { parseLoaderConf } from "../../format/loader-conf.ts";
import type { Content } from "../disk/content.ts";
import type { SimWorld } from "../machine.ts";
import { espEntries, type FoundEntry } from "./esp-entries.ts";
import { firmwareStarts } from "./firmware-check.ts";
import { goesOnPanicking, reactToFailure } from "./initrd.ts";

/** What kernel and initrd do with an entry that was loaded. */
export type Start =
  | "up"
  /** A resource it needs is not there or damaged: the initrd notices. */
  | "image-missing"
  /** The kernel panics and reboots (`panic=` is set). */
  | "panic"
  /** The same, after the initrd has begun: the firmware keeps a report. */
  | "late-panic"
  /** Busy for ever: damage inside the kernel. */
  | "hang"
  /** Busy for ever once a watchdog runs, which starts the machine again. */
  | "watchdog"
  /** It returns to the loader at once, as a kernel does that cannot be decompressed. */
  | "returns";

export interface BootOptions {
  readonly esp: string;
  readonly xbootldr?: string;
  /** What the firmware starts; without it, or with other bytes, nothing boots. Not looked at when absent. */
  readonly loader?: { readonly path: string; readonly content: Content };
  /**
   * Copies of the loader in the firmware's order, each with what it may hold: one that is whole starts. Where it leaves
   * to the firmware, because an entry could not be loaded, the next one starts.
   */
  readonly copies?: readonly { readonly path: string; readonly contents: readonly Content[] }[];
  /** Version of systemd-boot; 257 when absent. */
  readonly loaderVersion?: number;
  /** Whether it takes counters for a part of ids; before 258 unless told, though later ones of 257 do not. */
  readonly idsWithCounter?: boolean;
  readonly start: (found: FoundEntry, world: SimWorld) => Start;
  /** More attempts in a row than this never end; 40 when absent. */
  readonly attemptsMax?: number;
  /** What the initrd does when an image is missing: a stock one hangs, Holdfast's gives the entry up. */
  readonly imageMissing: "reboot" | "hang" | "give-up";
}

export interface BootResult {
  readonly kind: "up" | "hang" | "unbootable";
  /** The entry that came up, or that hangs, named as it is now. */
  readonly entry: BootEntry | undefined;
  /** File names as they were before each attempt, in order. */
  readonly tried: readonly string[];
  readonly why: string;
}

const defaultAttemptsMax = 40;

/** Switches `world` on and lets it reboot by itself until a version is up, or nothing moves any more. */
export async function bootOnce(world: SimWorld, options: BootOptions): Promise<BootResult> {
  const tried: string[] = [];
  const end = (kind: BootResult["kind"], entry: BootEntry | undefined, why: string): BootResult => ({
    kind,
    entry,
    tried,
    why,
  });
  // Copies that have left to the firmware since the machine was switched on or started again.
  let left = 0;
  // Ids of entries, one for each report of a panic that was not written down yet.
  let panics: readonly string[] = [];
  while (tried.length < (options.attemptsMax ?? defaultAttemptsMax)) {
    const copies = wholeCopies(world, options.copies);
    if (!isWhole(world, options.loader) || copies === 0)
      return end("unbootable", undefined, "the boot loader is damaged");
    const found = await espEntries(world.tree, options);
    const state = loaderState(world, options, found);
    const { next } = predict(state);
    if (next === undefined) return end("unbootable", undefined, "the menu is empty");
    tried.push(next.fileName);
    world.variables.delete("LoaderEntryOneShot");
    const counted = count(world, next);
    const chosen = found.find(({ entry }) => entry.path === next.path);
    if (chosen === undefined || next.loadable.kind === "fails" || !isLetIn(world, chosen)) {
      if (rebootsOnError(state, next)) left = 0;
      else if (++left >= copies)
        return end("unbootable", counted, "the entry cannot be loaded, and the loader leaves to the firmware");
      continue;
    }
    // Before 258 the id is the file name, as it was before this boot was counted (D.8).
    world.variables.set("LoaderEntrySelected", state.idsWithCounter === true ? next.fileName : next.id);
    if (next.tries === undefined) world.variables.delete("LoaderBootCountPath");
    else world.variables.set("LoaderBootCountPath", counted.path.slice(options.esp.length).replaceAll("/", "\\"));
    const start = options.start({ ...chosen, entry: counted }, world);
    world.boots++;
    if (start === "returns") {
      if (rebootsOnError(state, next)) left = 0;
      else if (++left >= copies)
        return end("unbootable", counted, "the entry does not start, and the loader leaves to the firmware");
      continue;
    }
    left = 0;
    const giveUp = async (code: string, text: string): Promise<BootResult | undefined> => {
      const loader = loaderState(world, options, await espEntries(world.tree, options));
      const reaction = reactToFailure(world, { esp: options.esp, booted: counted, code, text, loader });
      return reaction === "page" ? end("hang", counted, "nothing is left to try: a page says so") : undefined;
    };
    if (options.imageMissing === "give-up" && (counted.tries?.left ?? 0) === 0) {
      const own = panics.filter((id) => id === counted.id).length;
      panics = panics.filter((id) => id !== counted.id);
      if (goesOnPanicking(world, options.esp, counted, own)) {
        const page = await giveUp("panic", "its kernel panicked whenever it was started");
        if (page !== undefined) return page;
        continue;
      }
    }
    if (start === "late-panic") panics = [...panics, counted.id];
    if (start === "up") return end("up", counted, "it came up");
    if (start === "hang") return end("hang", counted, "the kernel is busy for ever");
    if (start === "image-missing" && options.imageMissing === "hang")
      return end("hang", counted, "the initrd waits for its image for ever");
    if (start === "image-missing" && options.imageMissing === "give-up") {
      const page = await giveUp("image-missing", "its image is not there");
      if (page !== undefined) return page;
    }
  }
  return end("hang", undefined, "it reboots for ever");
}

/** The UKI itself, or the kernel of a type 1 entry, the first that it names. */
function isLetIn({ options, tree }: SimWorld, { entry, content, files: [program] }: FoundEntry): boolean {
  if (entry.type === 2) return firmwareStarts(options.firmware, content);
  const kernel = program === undefined ? undefined : tree.peek(program, "medium");
  return firmwareStarts(options.firmware, kernel === "unreadable" ? undefined : kernel);
}

/** What systemd-bless-boot does once a boot was judged good. */
export function bless(world: SimWorld, entry: BootEntry): BootEntry {
  const good = withoutCounter(entry);
  if (good.path === entry.path || world.tree.peek(good.path) !== undefined) return entry;
  world.tree.shift(entry.path, good.path);
  world.variables.delete("LoaderBootCountPath");
  return good;
}

/** Counts down by a rename, before anything is loaded. Where the new name is taken the rename fails, and it boots on. */
function count(world: SimWorld, entry: BootEntry): BootEntry {
  const counted = countDown(entry);
  if (counted.path === entry.path || world.tree.peek(counted.path) !== undefined) return entry;
  world.tree.shift(entry.path, counted.path);
  return counted;
}

function isWhole(world: SimWorld, loader: BootOptions["loader"]): boolean {
  if (loader === undefined) return true;
  const found = world.tree.peek(loader.path, "medium");
  return found !== undefined && found !== "unreadable" && found.equals(loader.content);
}

/** One where nobody asks. */
function wholeCopies(world: SimWorld, copies: BootOptions["copies"]): number {
  if (copies === undefined) return 1;
  return copies.filter(({ path, contents }) => {
    const found = world.tree.peek(path, "medium");
    return found !== undefined && found !== "unreadable" && contents.some((content) => found.equals(content));
  }).length;
}

function loaderState(world: SimWorld, options: BootOptions, found: readonly FoundEntry[]): LoaderState {
  const version = options.loaderVersion ?? 257;
  const file = world.tree.peek(`${options.esp}/loader/loader.conf`, "medium");
  const conf = parseLoaderConf(file === undefined || file === "unreadable" ? new Uint8Array() : file.bytes());
  return {
    entries: found.map(({ entry }) => entry),
    config: {
      default: conf.default,
      preferred: conf.preferred,
      // Before, there is no such setting.
      rebootOnError: version >= 258 ? (conf.rebootOnError ?? "auto") : "no",
    },
    choices: {
      default: world.variables.get("LoaderEntryDefault"),
      preferred: world.variables.get("LoaderEntryPreferred"),
      oneShot: world.variables.get("LoaderEntryOneShot"),
    },
    supportsPreferred: version >= 260,
    idsWithCounter: options.idsWithCounter ?? version < 258,
  };
}

function rebootsOnError({ config }: LoaderState, entry: BootEntry): boolean {
  return config.rebootOnError === "yes" || (config.rebootOnError === "auto" && (entry.tries?.left ?? 0) > 0);
}
