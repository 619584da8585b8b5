// A folder that becomes a Debian package: files with plain modes and owner, whatever those of the checkout are.
import { chmod, copyFile, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createHash } from "node:crypto";
import { constants, gzipSync } from "node:zlib";

export interface TreeFile {
  /** Without the leading slash. */
  readonly path: string;
  readonly sizeBytes: number;
}

export class DebianTree {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where a path of the package is now; its folders are made. */
  async place(path: string): Promise<string> {
    const parts = dirname(path).split("/");
    for (let count = 0; count <= parts.length; count++) {
      const folder = join(this.folder, ...parts.slice(0, count));
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o755);
    }
    return join(this.folder, path);
  }

  async write(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const place = await this.place(path);
    await writeFile(place, content);
    await chmod(place, mode);
  }

  /** As Debian wants changelogs and manual pages. */
  async writeGzip(path: string, text: string): Promise<void> {
    await this.write(`${path}.gz`, gzipSync(text, { level: constants.Z_BEST_COMPRESSION }));
  }

  async copy(from: string, path: string, mode = 0o644): Promise<void> {
    const place = await this.place(path);
    await copyFile(from, place);
    await chmod(place, mode);
  }

  /** A folder with all in it; what may be executed there may be here. Links are copied as links. */
  async copyFolder(from: string, path: string): Promise<void> {
    for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
      const source = join(entry.parentPath, entry.name);
      const target = join(path, source.slice(from.length));
      if (entry.isSymbolicLink()) await symlink(await readlink(source), await this.place(target));
      else if (entry.isFile())
        await this.copy(source, target, ((await lstat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }

  /** Of what will be installed, sorted. */
  async files(): Promise<readonly TreeFile[]> {
    const found: TreeFile[] = [];
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true })) {
      const place = join(entry.parentPath, entry.name);
      const path = place.slice(this.folder.length + 1);
      if (entry.isFile() && !path.startsWith("DEBIAN/")) found.push({ path, sizeBytes: (await lstat(place)).size });
    }
    return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Lines of DEBIAN/md5sums. */
  async sums(): Promise<string> {
    const lines = (await this.files()).map(async ({ path }) => {
      const bytes = await readFile(join(this.folder, path));
      return `${createHash("md5").update(bytes).digest("hex")}  ${path}\n`;
    });
    return (await Promise.all(lines)).join("");
  }
}
