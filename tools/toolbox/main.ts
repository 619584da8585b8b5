// The toolbox on the command line: `node tools/toolbox/main.ts ensure [PROGRAM...]`.
import { cacheFolder, describeMissing, ensureTools } from "./toolbox.ts";

const [verb, ...names] = process.argv.slice(2);
if (verb === "ensure") {
  const { binFolder, missing } = await ensureTools(names, { say: (line) => console.error(`toolbox: ${line}`) });
  for (const line of describeMissing(missing)) console.error(`toolbox: ${line}`);
  console.log(binFolder);
  process.exitCode = missing.length === 0 ? 0 : 1;
} else {
  console.error(
    `Usage: node tools/toolbox/main.ts ensure [PROGRAM...]\nFills ${cacheFolder()} and prints its bin folder.`,
  );
  process.exitCode = 2;
}
