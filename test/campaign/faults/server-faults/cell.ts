// One fault of one resource: an update under the fault, what it left, and the next plain update when the fault has ended.
import type { Rule } from "../../../../tools/lab/fault-script.ts";
import type { LabRelease } from "../../../../tools/lab/release.ts";
import type { Subject } from "../../peers/peer.ts";
import { leftoversOf } from "../layout.ts";
import { type MeasuredRun, measuredRun, type MeasureOptions } from "../measured-run.ts";
import type { Place, Resource } from "./resource.ts";

export interface CellRequest {
  readonly subject: Subject;
  readonly place: () => Promise<Place>;
  /** Version 3. */
  readonly target: LabRelease;
  readonly resource: Resource;
  readonly fault: string;
  readonly rules: readonly Rule[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Cell {
  readonly fault: string;
  readonly resource: string;
  readonly first: MeasuredRun;
  readonly requests: number;
  readonly bytes: number;
  /** It succeeded in spite of the fault, with a whole new version. */
  readonly atOnce: boolean;
  /** The newest version is named as done, and does not boot. */
  readonly lied: boolean;
  /** Entries without an intact image, right after. */
  readonly broken: readonly string[];
  /** It failed, and one of the two versions from before does not boot any more. */
  readonly fallbackLost: boolean;
  readonly next: MeasuredRun;
  /** The next plain update ended with 0, the new version boots, and nothing is left over. */
  readonly healed: boolean;
  readonly leftovers: readonly string[];
}

/** Longer than every time-out of the product together. */
export const secondsMax = 420;

export async function runCell(request: CellRequest): Promise<Cell> {
  const { subject, target, resource, rules, fault } = request;
  await using place = await request.place();
  const { scene, server } = place;
  const options: MeasureOptions = { secondsMax, ...(request.env === undefined ? {} : { env: request.env }) };
  server.misbehave(...(resource.standing ?? []), ...rules);
  const first = await measuredRun(subject.command(scene.machine, ["update"]), options);
  const requests = server.log.length;
  const bytes = server.bytesSent();
  const after = await scene.audit(target);
  const atOnce = first.code === 0 && after.bootable.includes("3") && after.broken.length === 0;
  server.heal();
  const next = await measuredRun(subject.command(scene.machine, ["update"]), options);
  const end = await scene.audit(target);
  const left = leftoversOf(end);
  return {
    fault,
    resource: resource.name,
    first,
    requests,
    bytes,
    atOnce,
    lied: first.code === 0 && !after.bootable.includes("3"),
    broken: after.broken.map((entry) => `${entry.fileName}: ${entry.broken}`),
    fallbackLost: !atOnce && !(after.bootable.includes("1") && after.bootable.includes("2")),
    next,
    healed: next.code === 0 && end.bootable.includes("3") && end.broken.length === 0 && left.length === 0,
    leftovers: left,
  };
}
