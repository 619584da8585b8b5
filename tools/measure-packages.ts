// Size and start-up time of the packages, for the README: tools/measure-packages.ts [FOLDER]. Builds them where FOLDER, by
// default dist, does not have them, and writes the table behind its mark. Best on a machine that does nothing else: of start-up times
// the shortest is taken, which others disturb least.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { measure } from "../bench/measure.ts";
import { buildDeb } from "../packaging/build-deb.ts";
import { makeMachine } from "./lab/machine-tree.ts";
import { makeSmallRelease } from "./lab/small-release.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const mark = "<!-- written by tools/measure-packages.ts -->\n";
const rounds = 20;

const output = process.argv[2] ?? join(root, "dist");
const names = await readdir(output).catch(() => []);
if (!names.some((name) => name.startsWith("holdfast_"))) await buildDeb({ output });
const folder = await mkdtemp(join(tmpdir(), "holdfast-measure-"));
try {
  const table = await measureAll(output, folder);
  console.log(table);
  const page = await readFile(join(root, "README.md"), "utf8");
  const [before, behind] = page.split(mark);
  if (before === undefined || behind === undefined) throw new Error(`README.md has no ${mark}`);
  await writeFile(join(root, "README.md"), `${before}${mark}${behind.replace(/^(\n?\|.*\n)+|^/, `\n${table}`)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureAll(packages: string, work: string): Promise<string> {
  const files = (await readdir(packages)).filter((name) => /^holdfast(-initrd)?_.*\.deb$/.test(name)).toSorted();
  const sizes: string[] = [];
  for (const file of files) {
    const { stdout } = await run("dpkg-deb", ["--field", join(packages, file), "Installed-Size"]);
    const { size } = await stat(join(packages, file));
    sizes.push(`| \`${file.split("_")[0]}\` | ${bytes(size)} | ${bytes(Number(stdout) * 1024)} |`);
  }
  const agent = files.find((name) => name.startsWith("holdfast_")) ?? "";
  await run("dpkg-deb", ["--extract", join(packages, agent), join(work, "tree")]);
  const release = await makeSmallRelease(join(work, "release"), { version: "1" });
  const machine = await makeMachine(join(work, "machine"), { source: "http://127.0.0.1:1/", installed: [release] });
  const programs = { package: join(work, "tree/usr/bin/holdfast"), checkout: join(root, "bin/holdfast") };
  const works = { "--version": ["--version"], status: ["status", "--root", machine.root] };
  const rows: string[] = [];
  for (const [name, args] of Object.entries(works)) {
    const wall = { package: [] as number[], checkout: [] as number[] };
    const cpu = { package: [] as number[], checkout: [] as number[] };
    for (let round = 0; round < rounds; round++)
      for (const which of ["package", "checkout"] as const) {
        const { wallSeconds, cpuSeconds } = await measure(programs[which], args);
        wall[which].push(wallSeconds * 1000);
        cpu[which].push(cpuSeconds * 1000);
      }
    const cells = (["package", "checkout"] as const).map(
      (which) => `${Math.min(...wall[which]).toFixed(0)} ms (${Math.min(...cpu[which]).toFixed(0)} ms of CPU)`,
    );
    rows.push(`| \`holdfast ${name}\` | ${cells.join(" | ")} |`);
  }
  return (
    `| package | to download | installed |\n|---|---|---|\n${sizes.join("\n")}\n\n` +
    `| best of ${rounds}, in turns | from the package | from a checkout |\n|---|---|---|\n${rows.join("\n")}\n`
  );
}

function bytes(count: number): string {
  return count < 1e6 ? `${Math.round(count / 1e3)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}
