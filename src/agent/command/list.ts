// `list`: all versions, on offer and installed, with what each lacks; `list VERSION`: one of them in full.
import { Fault } from "../../base/fault.ts";
import { parseVersion } from "../../base/ids.ts";
import { describePlace } from "../../domain/resource.ts";
import type { Fields } from "../../format/pattern.ts";
import type { ContentLine, ListReport, VersionLine } from "../../wire/reports.ts";
import { notesOf } from "./check.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { observeWithSources } from "../observe/observe-with-sources.ts";
import { rememberCatalog } from "../state/remember.ts";
import { versionLines } from "./report-lines.ts";
import type { Session } from "../session.ts";

async function lookEverywhere(
  session: Session,
): Promise<{ readonly observation: Observation; readonly sourceProblem: string | undefined }> {
  if (session.settings.offline === true) {
    return { observation: await observe(session, { catalog: false }), sourceProblem: undefined };
  }
  // What is installed can be listed all the same.
  const { observation, problem } = await observeWithSources(session);
  if (problem === undefined) await rememberCatalog(session, observation);
  return { observation, sourceProblem: problem?.message };
}

export async function listReport(session: Session): Promise<ListReport> {
  const { observation, sourceProblem } = await lookEverywhere(session);
  return { versions: versionLines(observation), sourceProblem };
}

/** Only what is set: the fields of an instance but for its version. */
function contentLine(transfer: string, type: string, path: string, fields: Fields): ContentLine {
  const { version: _, ...set } = fields;
  return { transfer, type, path, ...set };
}

/** Everything of one version: what is installed of it, and from the source what is not. */
export async function contentReport(
  session: Session,
  text: string,
): Promise<{
  readonly version: VersionLine;
  readonly contents: readonly ContentLine[];
  readonly changeLog: readonly string[];
}> {
  const wanted = parseVersion(text);
  const { observation } = await lookEverywhere(session);
  const version = versionLines(observation).find((line) => line.version === wanted);
  if (version === undefined) {
    throw new Fault("unknown-version", `Cannot show version ${wanted}: it is neither installed nor on offer`, {
      hint: "Run: holdfast list",
      kind: "failed",
    });
  }
  const { situation } = observation;
  const offers = situation.catalog?.releases.find((release) => release.version === wanted)?.offers ?? [];
  const contents = situation.transfers.flatMap((transfer): readonly ContentLine[] => {
    const instance = situation.inventory.instances.find(
      (item) => item.version === wanted && item.transfer === transfer.id,
    );
    const offer = offers.find((item) => item.transfer === transfer.id);
    if (instance !== undefined) {
      const sha256 =
        situation.versions.get(wanted)?.resources.find((record) => record.transfer === transfer.id)?.sourceSha256 ??
        offer?.sha256;
      return [
        contentLine(transfer.id, transfer.target.type, describePlace(instance.place), {
          ...instance.fields,
          ...(sha256 === undefined ? {} : { sha256 }),
        }),
      ];
    }
    if (offer === undefined) return [];
    const sha256 = offer.sha256 === undefined ? {} : { sha256: offer.sha256 };
    return [contentLine(transfer.id, transfer.source.type, offer.location, { ...offer.fields, ...sha256 })];
  });
  return { version, contents, changeLog: notesOf(observation, wanted) };
}
