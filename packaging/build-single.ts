// The single executable: the runtime of the lock file, stripped, with the bundle in it, compiled ahead.
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle } from "./bundle.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

/** Half of the memory, and no words about what in Node is experimental; what the launcher of a checkout says, too. */
const runtimeOptions = ["--max-semi-space-size=1", "--disable-warning=ExperimentalWarning"];

/** One thread, a seed, and a heap in which nothing is ever collected make what is compiled the same each time. */
const compileOptions = ["--predictable", "--random-seed=1", "--min-semi-space-size=256", "--max-semi-space-size=256"];

export interface Single {
  /** The npm packages in it. */
  readonly packages: readonly string[];
}

/** Writes the executable to `output`. Needs `strip` of binutils. `ready`: one that was built before is taken instead. */
export async function buildSingle(output: string, ready?: string): Promise<Single> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-single-"));
  try {
    const place = (name: string): string => join(folder, name);
    const { text, packages } = await bundle();
    if (ready !== undefined) {
      await copyFile(ready, output);
      return { packages };
    }
    await writeFile(place("bundle"), text);
    await copyFile(await realpath(process.execPath), place("node"));
    // Before the bundle goes in: stripped afterwards, it would not find it any more.
    await run("strip", ["--strip-unneeded", "--remove-section=.comment", place("node")]);
    const compile = join(root, "packaging/single/compile.cjs");
    await run(place("node"), [
      ...compileOptions,
      ...runtimeOptions.slice(1),
      compile,
      place("bundle"),
      place("compiled"),
    ]);
    const config = {
      main: "start.cjs",
      executable: "node",
      output: "holdfast",
      disableExperimentalSEAWarning: true,
      assets: { bundle: "bundle", compiled: "compiled" },
      execArgv: runtimeOptions,
      // How a confined child gets Node's permission model; NODE_OPTIONS of the environment is for others.
      execArgvExtension: "cli",
    };
    // Names without folders: they are kept in the executable.
    await copyFile(join(root, "packaging/single/start.cjs"), place("start.cjs"));
    await writeFile(place("config.json"), JSON.stringify(config));
    await run(place("node"), ["--build-sea", "config.json"], { cwd: folder });
    await copyFile(place("holdfast"), output);
    await chmod(output, 0o755);
    return { packages };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
