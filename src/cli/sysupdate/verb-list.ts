// sysupdate list [VERSION], check-new: what there is.
import type { ContentLine } from "../../wire/reports.ts";
import { harmless } from "../look.ts";
import { type UpdateSet, updateSets } from "./assessment.ts";
import { contentText, listText } from "./list-text.ts";
import { type Verb, type VerbCall, answer, log } from "./verb.ts";

export const list: Verb = async (call) => {
  const { context, session, options, look, utf8 } = call;
  const report = await context.agent.list(session);
  const problem = options.offline ? undefined : report.sourceProblem;
  if (problem !== undefined) log(call, harmless(problem));
  const sets = updateSets(report.versions);
  const [version] = options.arguments;
  if (version !== undefined) return listOne(call, version, sets);
  const current = sets.find((set) => set.installed && set.newest);
  const value = {
    [current?.pending === true ? "current+pending" : "current"]: current?.version ?? null,
    all: sets.map((set) => set.version),
    appstreamUrls: report.appStreamUrls ?? [],
  };
  answer(call, value, () => listText(sets, look, options.legend, utf8));
  return problem === undefined ? 0 : 1;
};

async function listOne(call: VerbCall, version: string, sets: readonly UpdateSet[]): Promise<0 | 1> {
  const { context, session, options, look, utf8 } = call;
  const set = sets.find((one) => one.version === version);
  if (set === undefined) {
    log(call, `Update '${version}' not found.`);
    return 1;
  }
  const { contents, changeLog } = await context.agent.content(session, version);
  const value = {
    version,
    newest: set.newest,
    available: set.available,
    installed: set.installed,
    partial: set.partial,
    pending: set.pending,
    obsolete: set.obsolete,
    protected: set.protected,
    incomplete: set.incomplete,
    changelogUrls: changeLog,
    contents: contents.map(contentJson),
  };
  answer(call, value, () => contentText(set, contents, changeLog, look, options.legend, utf8));
  return 0;
}

/** Names and order of systemd's columns; `tries-done` keeps its hyphen (interfaces D.5). */
function contentJson(line: ContentLine): Readonly<Record<string, string | number | bigint | boolean | undefined>> {
  return {
    type: line.type,
    path: line.path,
    ptuuid: line.partitionUuid,
    ptflags: line.partitionFlags,
    mtime: line.mtimeUs,
    mode: line.mode,
    size: line.sizeBytes,
    "tries-done": line.triesDone,
    "tries-left": line.triesLeft,
    noauto: line.noAuto,
    ro: line.readOnly,
    growfs: line.growFileSystem,
    sha256: line.sha256,
  };
}

export const checkNew: Verb = async (call) => {
  const { available } = await call.context.agent.check(call.session);
  answer(call, { available: available ?? null }, () => (available === undefined ? "" : `${available}\n`));
  return available === undefined ? 1 : 0;
};
