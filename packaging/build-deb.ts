// npm run package:deb [-- --output=FOLDER]: the Debian packages `holdfast` and `holdfast-initrd`, for bookworm and newer.
// The same checkout gives the same bytes. Needs dpkg-deb and strip.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { completions } from "../tools/docs/completions.ts";
import { manPages } from "../tools/docs/man-pages.ts";
import { buildSingle } from "./build-single.ts";
import { copyrightText } from "./copyright.ts";
import { DebianTree } from "./debian-tree.ts";
import { placeOf } from "../src/image/package-places.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const debian = join(import.meta.dirname, "debian");
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const scripts = ["preinst", "postinst", "prerm", "postrm"];

export interface DebOptions {
  /** Where the packages go. */
  readonly output: string;
  /** Instead of the version of the changelog. */
  readonly version?: string;
  /** An executable that was built before. */
  readonly single?: string;
  /** `none` is for tests. */
  readonly compression?: "xz" | "none";
}

/** The paths of the packages. */
export async function buildDeb(options: DebOptions): Promise<readonly string[]> {
  const changelog = await readFile(join(debian, "changelog"), "utf8");
  const version = options.version ?? /\(([^)]+)\)/.exec(changelog)?.[1] ?? "";
  const seconds = Date.parse(/^ -- .*> {2}(.*)$/m.exec(changelog)?.[1] ?? "") / 1000;
  const epoch = process.env["SOURCE_DATE_EPOCH"] ?? `${seconds}`;
  const { compression = "xz" } = options;
  const work = await mkdtemp(join(tmpdir(), "holdfast-deb-"));
  try {
    await mkdir(options.output, { recursive: true });
    const trees = [
      await agentTree(new DebianTree(join(work, "holdfast")), options.single),
      await initrdTree(new DebianTree(join(work, "holdfast-initrd"))),
    ];
    const files: string[] = [];
    for (const tree of trees)
      files.push(await finish(tree, { version, changelog, epoch, output: options.output, compression }));
    return files;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function agentTree(tree: DebianTree, single: string | undefined): Promise<DebianTree> {
  const executable = await tree.place("usr/bin/holdfast");
  const { packages } = await buildSingle(executable, single);
  await tree.write("usr/share/doc/holdfast/copyright", await copyrightText(packages));
  for (const name of await readdir(join(root, "packaging"), { recursive: true })) {
    const target = placeOf(name);
    if (target !== undefined) await tree.copy(join(root, "packaging", name), target);
  }
  for (const { name, section, text } of await manPages())
    await tree.writeGzip(`usr/share/man/man${section}/${name}.${section}`, text);
  for (const { file, text } of completions()) await tree.write(file.slice(1), text);
  for (const name of await readdir(join(root, "docs")))
    if (name.endsWith(".md")) await tree.copy(join(root, "docs", name), `usr/share/doc/holdfast/${name}`);
  return tree;
}

async function initrdTree(tree: DebianTree): Promise<DebianTree> {
  await tree.copyFolder(join(root, "os/initrd/tree"), "usr/share/holdfast-initrd/tree");
  await tree.copy(join(root, "os/initrd/README.md"), "usr/share/doc/holdfast-initrd/README.md");
  const script = "holdfast-initrd-cpio";
  await tree.copy(join(debian, "holdfast-initrd", script), `usr/bin/${script}`, 0o755);
  const manual = await readFile(join(debian, "holdfast-initrd", `${script}.1`), "utf8");
  await tree.writeGzip(`usr/share/man/man1/${script}.1`, manual);
  await tree.write("usr/share/doc/holdfast-initrd/copyright", await copyrightText());
  return tree;
}

interface Finish {
  readonly version: string;
  readonly changelog: string;
  readonly epoch: string;
  readonly output: string;
  readonly compression: string;
}

async function finish(tree: DebianTree, { version, changelog, epoch, output, compression }: Finish): Promise<string> {
  const name = basename(tree.folder);
  const own = join(debian, name);
  const doc = `usr/share/doc/${name}`;
  await tree.writeGzip(`${doc}/changelog.Debian`, changelog);
  await tree.writeGzip(`${doc}/changelog`, await readFile(join(root, "CHANGELOG.md"), "utf8"));
  await tree.copy(join(own, "README.Debian"), `${doc}/README.Debian`);
  const names = await readdir(own);
  if (names.includes("lintian-overrides"))
    await tree.copy(join(own, "lintian-overrides"), `usr/share/lintian/overrides/${name}`);
  for (const script of scripts)
    if (names.includes(script)) await tree.copy(join(own, script), `DEBIAN/${script}`, 0o755);
  const files = await tree.files();
  // dpkg-gencontrol counts so: whole blocks, and one for each folder and link; folders are close enough.
  const kibibytes = files.reduce((sum, { sizeBytes }) => sum + Math.ceil(sizeBytes / 1024), 0);
  const architecture = name === "holdfast" ? (architectures[process.arch] ?? process.arch) : "all";
  const fields = `Version: ${version}\nArchitecture: ${architecture}\nInstalled-Size: ${kibibytes}\n`;
  const maintainer = /^ -- (.*>)/m.exec(changelog)?.[1] ?? "";
  const control = await readFile(join(own, "control"), "utf8");
  await tree.write("DEBIAN/control", control.replace(/^Section:/m, `${fields}Maintainer: ${maintainer}\nSection:`));
  await tree.write("DEBIAN/md5sums", await tree.sums());
  const conffiles = files.filter(({ path }) => path.startsWith("etc/")).map(({ path }) => `/${path}\n`);
  if (conffiles.length > 0) await tree.write("DEBIAN/conffiles", conffiles.join(""));
  const file = join(output, `${name}_${version}_${architecture}.deb`);
  // One thread: how many there are would show in the bytes.
  const how = ["--root-owner-group", "--threads-max=1", `-Z${compression}`, "--build"];
  await run("dpkg-deb", [...how, tree.folder, file], { env: { ...process.env, SOURCE_DATE_EPOCH: epoch } });
  return file;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { output: { type: "string", default: "dist" } } });
  const output = resolve(process.env["INIT_CWD"] ?? ".", values.output);
  for (const file of await buildDeb({ output })) console.log(join(dirname(file), basename(file)));
}
