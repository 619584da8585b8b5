// The part of the campaign that fuzzes: every parser of bytes from outside, 300,000 executions each and ten million in all.
import { join } from "node:path";
import { fuzzAll, targetNames } from "../../../fuzz/engine/all.ts";
import { columns, crashLines, rows, total } from "../../../fuzz/engine/table.ts";
import type { Findings, Part, PartOptions } from "../part.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const executionsEach = 300_000;
const executionsInAll = 10_000_000;
/** No target is given up for being slow; this only ends what would never end. */
const secondsMax = 7200;

export const part: Part = {
  name: "fuzzing",
  title: "Fuzzing",
  tools: [],
  run,
};

async function run({ seed, scale, say }: PartOptions): Promise<Findings> {
  const targets = await targetNames(root);
  const executions = Math.ceil(executionsEach * scale);
  const all = await fuzzAll({
    root,
    targets,
    executions,
    executionsInAll: Math.ceil(executionsInAll * scale),
    seconds: secondsMax,
    seed,
    keep: false,
    say,
  });
  const sum = total(all);
  const least = Math.min(...all.map((one) => one.executions));
  const wrong = [
    ...crashLines(all),
    ...all
      .filter((one) => one.executions < executions)
      .map((one) => `${one.target}: only ${one.executions} executions of ${executions}`),
  ];
  return {
    headlines: [
      {
        question: `Crashes, hangs and unbounded allocations in ${sum.executions} executions of ${all.length} parsers`,
        holdfast: String(sum.crashes),
        kept: wrong.length === 0,
      },
    ],
    told:
      `Every parser of bytes that come from outside was run on inputs made by changing those that had reached something new: ` +
      `${sum.executions} executions, no target fewer than ${least}. Each has to return a value that survives being written ` +
      `and read again, where there is a writer, or to refuse by a Fault of bounded length; anything else that is thrown, ` +
      `an execution of more than a quarter of a second (of more than two for 128 KiB), or an allocation of more than 32 MiB ` +
      `and 256 times the input counts as a crash. ` +
      `${sum.reached} of ${sum.edges} edges of the parsers were reached. Executions a second are per second of one processor.`,
    tables: [{ caption: "Each parser", columns, rows: rows(all) }],
    wrong,
    notTried: [],
  };
}
