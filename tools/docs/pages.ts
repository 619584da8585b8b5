// The pages of the documentation: every Markdown file of the repository, by its path.
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

export const checkout: string = join(import.meta.dirname, "../..");

export interface Page {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** In the order of their paths. */
export async function readPages(): Promise<readonly Page[]> {
  const paths: string[] = [];
  for await (const path of glob(["*.md", "{docs,os,bench,packaging,test,src,fuzz}/**/*.md"], { cwd: checkout })) {
    paths.push(path);
  }
  return Promise.all(
    paths.toSorted().map(async (path) => ({ path, text: await readFile(join(checkout, path), "utf8") })),
  );
}
