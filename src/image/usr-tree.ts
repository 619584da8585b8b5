// From unpacked packages to the content of /usr: what the recipe leaves out goes, its own files come, and /etc becomes the
// factory's, from which an installation fills its disk (tmpfiles.d(5), `C`).
import { Fault } from "../base/fault.ts";
import { matchesShellPattern } from "../domain/shell-glob.ts";
import type { FetchedPackage, Workshop } from "../port/workshop.ts";
import type { Build } from "./build.ts";

/** What is read by people or by dpkg, and by nothing that runs. */
const neverNeeded = [
  "share/doc",
  "share/man",
  "share/info",
  "share/lintian",
  "share/bug",
  "share/doc-base",
  "share/locale",
  "share/initramfs-tools",
  "lib/dracut",
];

export async function makeUsr(build: Build, base: string, packages: readonly FetchedPackage[]): Promise<void> {
  const { workshop, tree, profile } = build;
  await workshop.copyTree(`${base}/usr`, `${tree}/usr`);
  if ((await workshop.kindOf(`${base}/etc`)) === "folder")
    await workshop.copyTree(`${base}/etc`, `${tree}/usr/share/factory/etc`);
  // Units and files that older packages still have outside of /usr are in it by the links that unpacking made.
  for (const path of neverNeeded) await workshop.remove(`${tree}/usr/${path}`);
  for (const place of profile.files) await layOver(build, place, `${tree}/usr`);
  await removeMatching(workshop, `${tree}/usr`, profile.remove);
  const lines = packages.map(({ name, version }) => `${name} ${version}\n`).toSorted();
  await workshop.write(`${tree}/usr/share/holdfast/packages`, lines.join(""));
  await makeUsers(build);
  await makeCertificates(build);
}

/** `SOURCE` or `SOURCE:TARGET`, from the recipe's folder to below `to`; a folder's content, or one file. */
export async function layOver({ workshop, recipeFolder }: Build, place: string, to: string): Promise<void> {
  const [source = "", target = ""] = place.split(":");
  const from = `${recipeFolder}/${source}`;
  const kind = await workshop.kindOf(from);
  if (kind === "folder") {
    for (const entry of await workshop.list(from)) {
      const path = `${to}/${target === "" ? "" : `${target}/`}${entry.path}`;
      if (entry.kind === "folder") await workshop.makeFolder(path);
      else if (entry.kind === "link") await workshop.link(path, entry.target ?? "");
      else await layFile(workshop, `${from}/${entry.path}`, path, entry.mode);
    }
  } else if (kind === "file" && target !== "") await layFile(workshop, from, `${to}/${target}`, 0);
  else
    throw new Fault("build-no-files", `Cannot build the image: the recipe names ${source}, and ${from} is not there`, {
      hint: "Correct Files= or InitrdParts= in the recipe; a single file needs a target, as in file:lib/name.",
    });
}

/** Modes depend on how somebody checked the recipe out: what can be executed, and scripts, is all that is taken from them. */
async function layFile(workshop: Workshop, from: string, to: string, mode: number): Promise<void> {
  const bytes = await workshop.read(from);
  const isScript = bytes[0] === 0x23 && bytes[1] === 0x21;
  await workshop.write(to, bytes, isScript || (mode & 0o100) !== 0 ? 0o755 : 0o644);
}

async function removeMatching(workshop: Workshop, folder: string, patterns: readonly string[]): Promise<void> {
  if (patterns.length === 0) return;
  const gone: string[] = [];
  for (const { path } of await workshop.list(folder)) {
    if (gone.some((parent) => path.startsWith(`${parent}/`))) continue;
    if (!patterns.some((pattern) => matchesShellPattern(pattern, path))) continue;
    gone.push(path);
    await workshop.remove(`${folder}/${path}`);
  }
}

/** One file of all authorities that the packages trust, as Debian's own script makes it. */
async function makeCertificates({ workshop, tree }: Build): Promise<void> {
  const folder = `${tree}/usr/share/ca-certificates`;
  const texts: string[] = [];
  for (const { path, kind } of await workshop.list(folder))
    if (kind === "file" && path.endsWith(".crt"))
      texts.push(new TextDecoder().decode(await workshop.read(`${folder}/${path}`)).trimEnd());
  if (texts.length === 0) return;
  await workshop.write(`${tree}/usr/share/factory/etc/ssl/certs/ca-certificates.crt`, `${texts.join("\n")}\n`);
}

/** Users that the packages declare (sysusers.d(5)) are in the factory's /etc, with the same numbers in every build. */
async function makeUsers({ workshop, tree, epochSeconds }: Build): Promise<void> {
  const definitions = (await workshop.list(`${tree}/usr/lib/sysusers.d`)).filter(({ path }) => path.endsWith(".conf"));
  if (definitions.length === 0) return;
  const root = `${tree}/usr/share/factory`;
  const names = definitions.map(({ path }) => path);
  await workshop.run(
    "systemd-sysusers",
    [`--root=${root}`, ...names.map((name) => `${tree}/usr/lib/sysusers.d/${name}`)],
    {
      env: { SOURCE_DATE_EPOCH: `${epochSeconds}` },
    },
  );
  for (const lock of [".pwd.lock", "passwd-", "group-", "shadow-", "gshadow-"])
    await workshop.remove(`${root}/etc/${lock}`);
}
