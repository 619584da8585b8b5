// `npm run campaign [-- KILLS]`: Holdfast is killed so often (500), on ext4 and btrfs, and a table says what became of it.
// Needs root. SEED comes from the environment and is printed.
import { delimiter } from "node:path";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { runKills } from "./kills/kills.ts";
import { table } from "./kills/table.ts";

const kills = Number(process.argv[2] ?? 500);
const seed = Number(process.env["SEED"] ?? 20260301);
const { binFolder, missing } = await ensureTools(["mkfs.ext4", "mkfs.btrfs", "strace"], { say: console.error });
for (const line of describeMissing(missing)) console.error(line);
process.env["PATH"] = `${binFolder}${delimiter}${process.env["PATH"] ?? ""}`;

console.log(`seed ${seed}, ${kills} kills`);
const report = await runKills({
  kills,
  seed,
  imageBytes: 20 << 20,
  bytesPerSecond: 40 << 20,
  strace: !missing.some(({ program }) => program === "strace"),
  say: (line) => console.error(line),
});
console.log(table(report));
process.exitCode = report.rows.some(({ failures }) => failures.length > 0) || report.rows.length === 0 ? 1 : 0;
