// `npm run docs`: builds the site, the manual and the completions into a folder that git does not see, and looks for dead
// links in the site and in every page of the repository.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { completions } from "./completions.ts";
import { deadLinks, deadSiteLinks } from "./links.ts";
import { manPages } from "./man-pages.ts";
import { checkout, readPages } from "./pages.ts";
import { buildSite } from "./site.ts";

const begin = performance.now();
const folder = process.argv[2] ?? join(checkout, ".cache/docs");
const pages = await readPages();
const site = await buildSite(pages);
const texts = new Map([...site].map(([path, content]) => [path, typeof content === "string" ? content : ""]));
const files = new Map<string, string | Uint8Array>([...site].map(([path, content]) => [`site/${path}`, content]));
for (const { name, section, text } of await manPages()) files.set(`man/man${section}/${name}.${section}`, text);
for (const { file, text } of completions()) files.set(`completions${file}`, text);

await rm(folder, { recursive: true, force: true });
for (const [path, content] of files) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}
const dead = [...(await deadLinks(pages)), ...deadSiteLinks(texts)];
for (const { page, target, why } of dead) console.error(`${page}: ${target}: ${why}`);
const seconds = ((performance.now() - begin) / 1000).toFixed(1);
console.log(
  `${files.size} files in ${relative(process.cwd(), folder) || "."}, ${dead.length} dead links, ${seconds} s.`,
);
console.log(`Begin with ${join(relative(process.cwd(), folder), "site/index.html")}`);
process.exitCode = dead.length === 0 ? 0 : 1;
