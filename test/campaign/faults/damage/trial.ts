// One damage before one command: nothing that was whole is lost, and the next plain update finishes.
import { join } from "node:path";
import { auditTree, type TreeAudit } from "../../../../tools/lab/audit-tree.ts";
import type { LabMachine } from "../../../../tools/lab/machine-tree.ts";
import { type Death, execute } from "../../kills/execute.ts";
import { holdfastSubject, type Subject } from "../../peers/peer.ts";
import { leftoversOf } from "../layout.ts";
import { type DamagedMachine, discard } from "./damaged-machine.ts";
import { junkNames, putJunk, ruinFile, ruins } from "./ruin.ts";

export const commands: readonly (readonly string[])[] = [["update"], ["vacuum"], ["rollback"], ["doctor", "--deep"]];

export interface Damage {
  readonly what: string;
  /** Relative to the root. */
  readonly file: string;
  apply(machine: LabMachine): Promise<void>;
}

export interface Trial {
  readonly damage: Damage;
  readonly command: readonly string[];
}

export function damagesOf({ files }: DamagedMachine): readonly Damage[] {
  const ruined = files.flatMap((file) =>
    ruins.map((ruin): Damage => {
      return { what: `${file}: ${ruin.name}`, file, apply: async ({ root }) => ruinFile(join(root, file), ruin) };
    }),
  );
  const junk = junkNames.map((file): Damage => {
    return { what: `${file}: junk under a final name`, file, apply: async ({ root }) => putJunk(join(root, file)) };
  });
  return [...ruined, ...junk];
}

export function trialsOf(machine: DamagedMachine): readonly Trial[] {
  return damagesOf(machine).flatMap((damage) => commands.map((command): Trial => ({ damage, command })));
}

const allowed: Readonly<Record<string, readonly (number | null)[]>> = {
  update: [0],
  vacuum: [0, 4],
  rollback: [0, 1, 4],
  doctor: [0, 7],
};

const byText = (a: string, b: string): number => a.localeCompare(b);

/** What was not as promised, in sentences. */
export async function runTrial(base: DamagedMachine, { damage, command }: Trial): Promise<readonly string[]> {
  const machine = await base.copy();
  try {
    await damage.apply(machine);
    const before = await auditTree(machine, base.releases);
    const ended = await execute(holdfastSubject.command(machine, command));
    const after = await auditTree(machine, base.releases);
    const next = await execute(holdfastSubject.command(machine, ["update"]));
    const end = await auditTree(machine, base.releases);
    return [...judge(command[0] ?? "", ended, before, after), ...judgeNext(next, before, end)].map(
      (text) => `${damage.what}, before ${command.join(" ")}: ${text}`,
    );
  } finally {
    await discard(machine);
  }
}

function judge(command: string, ended: Death, before: TreeAudit, after: TreeAudit): readonly string[] {
  const versions = (audit: TreeAudit): readonly string[] => audit.broken.flatMap(({ version }) => version ?? []);
  const newly = versions(after).filter((version) => !versions(before).includes(version));
  const replaced = after.bootable.includes("3");
  const lost = before.bootable.filter((version) => !after.bootable.includes(version) && !(version === "1" && replaced));
  return [
    allowed[command]?.includes(ended.code) === true ? [] : [`it ended with ${ended.code}: ${ended.output.slice(-600)}`],
    newly.length === 0 ? [] : [`it broke ${newly.join(", ")}`],
    lost.length === 0 ? [] : [`${lost.join(", ")} does not boot any more`],
    command === "update" && ended.code === 0 && !replaced ? ["it ended with 0, and version 3 does not boot"] : [],
  ].flat();
}

/**
 * What the damage itself broke may stay so when it is out of the way: the version that runs is not deleted, and one that
 * a person went back from is not mended. Then another one is the way back.
 */
function judgeNext(next: Death, before: TreeAudit, end: TreeAudit): readonly string[] {
  const left = leftoversOf(end);
  const newly = end.broken.filter(({ version }) => !before.broken.some((entry) => entry.version === version));
  const wayBack = end.bootable.includes("2") || end.bootable.includes("1");
  return [
    next.code === 0 ? [] : [`the next update ended with ${next.code}: ${next.output.slice(-600)}`],
    newly.length === 0 ? [] : [`after the next update ${newly.map(({ fileName }) => fileName).join(", ")} is broken`],
    wayBack && end.bootable.includes("3") ? [] : [`after the next update ${end.bootable.join(", ")} boot`],
    left.length === 0 ? [] : [`left over: ${left.join(", ")}`],
  ].flat();
}

/** Whether any command that only looks says anything else than on the same machine undamaged. */
export async function isNoticed(base: DamagedMachine, subject: Subject, damage: Damage): Promise<boolean> {
  const looking =
    subject.name === "holdfast"
      ? [["status"], ["doctor", "--deep"]]
      : [["list"], ["list", "2"], ["check-new"], ["vacuum"]];
  const say = async (done?: Damage): Promise<string> => {
    const machine = await base.copy();
    try {
      await done?.apply(machine);
      const said: string[] = [];
      for (const args of looking) {
        const { code, output } = await execute(subject.command(machine, args));
        // Neither times and sizes in a list nor the order of two streams is a word about damage.
        said.push(
          String(code),
          ...output
            .replaceAll(machine.root, "")
            .replaceAll(/[\d.]+/g, "")
            .split("\n"),
        );
      }
      return said.toSorted(byText).join("\n");
    } finally {
      await discard(machine);
    }
  };
  return (await say()) !== (await say(damage));
}
