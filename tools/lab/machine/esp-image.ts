// Reads and writes the ESP inside a disk's image between two boots, by mtools. Paths begin without a slash.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export class EspImage {
  readonly #volume: string;

  constructor(image: string, offset: number) {
    this.#volume = `${image}@@${offset}`;
  }

  async #mtools(program: string, ...args: readonly string[]): Promise<string> {
    const env = { ...process.env, MTOOLS_SKIP_CHECK: "1", MTOOLSRC: "/dev/null" };
    return (await run(program, ["-i", this.#volume, ...args], { env, maxBuffer: 1 << 24 })).stdout;
  }

  /** Names in a folder, sorted; none where there is no such folder. */
  async names(folder: string): Promise<readonly string[]> {
    const listing = await this.#mtools("mdir", "-b", `::/${folder}`).catch(() => "");
    const paths = listing.split("\n").map((line) => line.replace(/^::\/?/, "").replace(/\/$/, ""));
    return paths
      .map((path) => path.split("/").at(-1) ?? "")
      .filter((name) => name !== "")
      .toSorted();
  }

  async copyIn(source: string, path: string): Promise<void> {
    const parts = dirname(path)
      .split("/")
      .filter((part) => part !== ".");
    // Folders that exist make mmd fail.
    for (const depth of parts.keys())
      await this.#mtools("mmd", "-D", "s", `::/${parts.slice(0, depth + 1).join("/")}`).catch(() => "");
    await this.#mtools("mcopy", "-o", source, `::/${path}`);
  }

  async write(path: string, bytes: string | Uint8Array): Promise<void> {
    await this.#scratch(async (file) => {
      await writeFile(file, bytes);
      await this.copyIn(file, path);
    });
  }

  /** `undefined` where there is no such file. */
  async read(path: string): Promise<Buffer | undefined> {
    return this.#scratch(async (file) => {
      await this.#mtools("mcopy", "-n", `::/${path}`, file).catch(() => "");
      return readFile(file).catch(() => undefined);
    });
  }

  async remove(path: string): Promise<void> {
    await this.#mtools("mdel", `::/${path}`);
  }

  /** Within its folder. */
  async rename(path: string, name: string): Promise<void> {
    await this.#mtools("mren", `::/${path}`, `::/${join(dirname(path), name)}`);
  }

  async #scratch<T>(use: (file: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-esp-"));
    try {
      return await use(join(folder, "file"));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}
