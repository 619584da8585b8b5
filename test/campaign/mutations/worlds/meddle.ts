// What else happens to a machine while the agent works: someone writes there too (P11), or the medium returns other
// bytes than were written to it.
import { Fault } from "../../../../src/base/fault.ts";
import type { DiskFile } from "../../../../src/port/disk.ts";
import type { Machine } from "../../../../src/port/machine.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import type { DiskTree } from "../../../../src/sim/disk/disk-tree.ts";
import { SimDisk } from "../../../../src/sim/disk/sim-disk.ts";
import type { Command } from "../../../../src/sim/scenario/commands.ts";
import type { Promised } from "../../../../src/sim/scenario/promised.ts";

/** What is done once, right after the agent's first call of this method whose last path is this one. */
export interface Deed {
  readonly after: "open" | "rename" | "replace" | "remove" | "syncFolder" | "stat";
  readonly path: RegExp;
  /** How many such calls pass first; 0 when absent. */
  readonly passing?: number;
  readonly deed: (tree: DiskTree) => void;
}

function simDisk({ disk }: Machine): SimDisk {
  if (!(disk instanceof SimDisk)) throw new Error("Assertion failed: the disk is a simulated one");
  return disk;
}

/** The command on a machine to which that happens meanwhile. */
export function meddled(command: Command, { after, path, passing = 0, deed }: Deed): Command {
  return (machine) => {
    let seen = 0;
    const proxy = new Proxy(simDisk(machine), {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]): Promise<unknown> => {
          const result: unknown = await Reflect.apply(member, target, args);
          const last = args.findLast((arg) => typeof arg === "string" && arg.startsWith("/"));
          if (name === after && path.test(String(last)) && seen++ === passing) deed(target.tree);
          return result;
        };
      },
    });
    return command({ ...machine, disk: proxy } satisfies Machine);
  };
}

/** The same, when the step of this title begins. */
export function meddledAt(command: Command, title: RegExp, deed: (tree: DiskTree) => void): Command {
  return (machine) => {
    const { tree } = simDisk(machine);
    let done = false;
    const progress: Machine["progress"] = {
      report: (event) => {
        machine.progress.report(event);
        if (done || event.kind !== "step" || !title.test(event.title)) return;
        done = true;
        deed(tree);
      },
    };
    return command({ ...machine, progress });
  };
}

/** The disk of a machine on which what is read of this file past the cache passes through `spoil`, which may throw. */
export function reading(machine: Machine, path: string, spoil: (bytes: Uint8Array, tree: DiskTree) => void): SimDisk {
  return new Proxy(simDisk(machine), {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        const result: unknown = await Reflect.apply(member, target, args);
        return name === "open" && args[0] === path && args[1] === "medium"
          ? spoilt(result as DiskFile, (bytes) => spoil(bytes, target.tree))
          : result;
      };
    },
  });
}

function spoilt(file: DiskFile, spoil: (bytes: Uint8Array) => void): DiskFile {
  return new Proxy(file, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name !== "read") return typeof member === "function" ? member.bind(target) : member;
      return async (offset: number, into: Uint8Array): Promise<number> => {
        const length = await target.read(offset, into);
        spoil(into.subarray(0, length));
        return length;
      };
    },
  });
}

/** The command on a machine whose medium does not give the bytes of this file back, as long as they are not these. */
export function unreadable(command: Command, path: string, content: Content): Command {
  return (machine) => {
    const disk = reading(machine, path, (_, tree) => {
      const found = tree.peek(path, "medium");
      if (found instanceof Content && !found.equals(content)) throw new Fault("io-error", `Cannot read ${path}`);
    });
    return command({ ...machine, disk });
  };
}

/** A refusal has to tell why. */
export function naming(command: Command, what: RegExp): Command {
  return async (machine) => {
    try {
      await command(machine);
    } catch (error) {
      if (!(error instanceof Fault) || what.test(error.message)) throw error;
      throw new Error(`it was to tell of ${what.source}, and said: ${error.message}`, { cause: error });
    }
  };
}

/** What has to end with this Fault; anything else, success above all, is wrong. */
export function refusing(command: Command, ...codes: readonly string[]): Command {
  return async (machine) => {
    let ended = "it reported success";
    try {
      await command(machine);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (codes.includes(error.code)) return;
      ended = error.message;
    }
    throw new Error(`it was to end with ${codes.join(" or ")}, but ${ended}`);
  };
}

/** What is refused is refused again, as long as nothing else is done. */
export function refused(command: Command, ...codes: readonly string[]): Pick<Promised, "work" | "recover"> {
  const work = refusing(command, ...codes);
  return { work, recover: work };
}
