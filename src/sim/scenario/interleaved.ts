// Two programs on one machine at the same time: before each port call one of them may stand still for a while, by seed.
import { SeededRandom } from "../../base/random.ts";
import type { DiskFile } from "../../port/disk.ts";
import type { Machine } from "../../port/machine.ts";
import type { Command } from "./commands.ts";

type Wait = () => Promise<void>;

/** Mostly not at all, at times for a few calls of the other, seldom for many. */
function standStill(random: SeededRandom): Wait {
  return async () => {
    const ticks = random.chance(0.05) ? random.below(2_000) : random.chance(0.3) ? random.below(30) : 0;
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
  };
}

/** All methods of `port` wait first; what `wrap` makes of their results is returned. */
function delayed<T extends object>(port: T, wait: Wait, wrap: (result: unknown) => unknown = (result) => result): T {
  return new Proxy(port, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        await wait();
        return wrap(await Reflect.apply(value, target, args));
      };
    },
  });
}

/** The machine as one of several programs sees it. */
function seenBy(machine: Machine, random: SeededRandom): Machine {
  const wait = standStill(random);
  const isFile = (result: unknown): result is DiskFile =>
    typeof result === "object" && result !== null && "truncate" in result && "sync" in result;
  const files = (result: unknown): unknown => (isFile(result) ? delayed(result, wait) : result);
  return {
    ...machine,
    disk: delayed(machine.disk, wait, files),
    volumes: delayed(machine.volumes, wait, files),
    lock: delayed(machine.lock, wait),
    loader: delayed(machine.loader, wait),
  };
}

/** All of them at once; the first failure is told once every one has come to its end. */
export function together(seed: number, ...commands: readonly Command[]): Command {
  return async (machine) => {
    const random = new SeededRandom(seed);
    const runs = commands.map((command) => command(seenBy(machine, new SeededRandom(random.below(2 ** 31)))));
    for (const result of await Promise.allSettled(runs)) if (result.status === "rejected") throw result.reason;
  };
}
