// sysupdate pending, reboot: is a newer version installed than the one that runs?
import { Fault } from "../../base/fault.ts";
import { compareVersions } from "../../domain/version-order.ts";
import { rebootInto } from "../reboot.ts";
import { updateSets } from "./assessment.ts";
import { type Verb, type VerbCall, log, refuse } from "./verb.ts";

interface Booted {
  readonly newest: string;
  readonly booted: string;
}

async function compare(call: VerbCall): Promise<Booted> {
  const { context, session, options } = call;
  const { verb } = options;
  if (options.root !== undefined) throw refuse(`The --root= switch may not be combined with the '${verb}' operation.`);
  if (options.component !== undefined || options.componentSelect !== "explicit") {
    throw refuse(`The --component= switch may not be combined with the '${verb}' operation: it is for the booted OS.`);
  }
  const report = await context.agent.status(session);
  const newest = updateSets(report.versions).find((set) => set.installed && !set.partial && !set.pending);
  if (newest === undefined) {
    throw new Fault("nothing-installed", "Cannot compare versions: Couldn't find any suitable installed versions.");
  }
  if (report.running === undefined) {
    throw new Fault("running-unknown", `Cannot say which version runs: ${report.runningBecause}`, {
      hint: "IMAGE_VERSION= in /etc/os-release names it.",
    });
  }
  return { newest: newest.version, booted: report.running };
}

export const pending: Verb = async (call) => {
  const { newest, booted } = await compare(call);
  const order = compareVersions(newest, booted);
  log(call, orderText(newest, booted, order) + (order > 0 ? " Reboot recommended." : ""));
  return order > 0 ? 0 : 1;
};

export const reboot: Verb = async (call) => {
  const { newest, booted } = await compare(call);
  const order = compareVersions(newest, booted);
  log(call, orderText(newest, booted, order));
  if (order > 0) await rebootInto(call.context, call.session, newest);
  return 0;
};

function orderText(newest: string, booted: string, order: number): string {
  if (order > 0) return `Newest installed version '${newest}' is newer than booted version '${booted}'.`;
  if (order === 0) return `Newest installed version '${newest}' matches booted version '${booted}'.`;
  return `Newest installed version '${newest}' is older than booted version '${booted}'.`;
}
