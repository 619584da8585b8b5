// The files of a release in the output folder: all of them are whole before the first has its name, and SHA256SUMS, which
// makes them a release, comes last. Other versions that the folder has stay listed.
import { Fault } from "../base/fault.ts";
import type { BuildRequest, Build } from "./build.ts";
import { verityPath } from "./file-system.ts";
import { installFileName, type InstallLayout } from "./install-release.ts";

export interface PublishedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface Publication {
  readonly output: string;
  readonly files: readonly PublishedFile[];
  readonly signed: boolean;
}

export interface Made {
  readonly erofs: string;
  readonly entries: readonly (readonly [layout: InstallLayout, path: string])[];
}

const sums = "SHA256SUMS";
const listLine = /^([0-9a-f]{64}) [ *]([^/\0]{1,255})$/;

/** The names that a build will write. */
export function releaseFileNames(name: string, version: string, layouts: readonly InstallLayout[]): readonly string[] {
  return layouts.flatMap((layout) =>
    (layout === "kde" ? (["usr", "entry"] as const) : (["usr", "verity", "entry"] as const)).map((role) =>
      installFileName(name, version, layout, role),
    ),
  );
}

/** Said before anything is built. */
export async function demandFree(
  workshop: Build["workshop"],
  request: BuildRequest,
  names: readonly string[],
): Promise<void> {
  const { output, signingKey } = request;
  for (const name of names) {
    if ((await workshop.kindOf(`${output}/${name}`)) === "absent") continue;
    throw new Fault("build-exists", `Cannot build into ${output}: it has ${name} already`, {
      hint: "A version is published once: choose another --version, another --output, or remove its files.",
    });
  }
  if (signingKey === undefined && (await workshop.kindOf(`${output}/${sums}.gpg`)) === "file")
    throw new Fault("build-signed", `Cannot build into ${output}: its ${sums} is signed, and no --key was given`, {
      hint: "Give the key that signs this repository, or choose another --output.",
    });
}

export async function publish(build: Build, request: BuildRequest, made: Made): Promise<Publication> {
  const { workshop, recipe, version } = build;
  const { output, layouts, signingKey } = request;
  const staging = `${workshop.scratch}/release`;
  const nameOf = (layout: InstallLayout, role: "usr" | "verity" | "entry"): string =>
    `${staging}/${installFileName(recipe.name, version, layout, role)}`;
  await workshop.makeFolder(staging);
  for (const layout of layouts) await workshop.share(made.erofs, nameOf(layout, "usr"));
  if (layouts.includes("ab")) await workshop.rename(verityPath(workshop.scratch), nameOf("ab", "verity"));
  for (const [layout, path] of made.entries) await workshop.rename(path, nameOf(layout, "entry"));

  const files: PublishedFile[] = [];
  for (const { path, sizeBytes } of await workshop.list(staging)) {
    await workshop.setMode(`${staging}/${path}`, 0o644);
    await workshop.flush(`${staging}/${path}`);
    files.push({ name: path, sizeBytes, sha256: await workshop.sha256(`${staging}/${path}`) });
  }
  const listed = new Map<string, string>();
  for (const [name, sha256] of await readSums(workshop, `${output}/${sums}`)) listed.set(name, sha256);
  for (const { name, sha256 } of files) listed.set(name, sha256);
  const text = [...listed.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sha256]) => `${sha256} *${name}\n`)
    .join("");
  const bytes = new TextEncoder().encode(text);
  await workshop.write(`${staging}/${sums}`, bytes);
  await workshop.flush(`${staging}/${sums}`);
  if (signingKey !== undefined) {
    const signature = await (await workshop.signer(signingKey)).sign(bytes);
    await workshop.write(`${staging}/${sums}.gpg`, signature);
    await workshop.flush(`${staging}/${sums}.gpg`);
  }

  for (const { name } of files) await workshop.rename(`${staging}/${name}`, `${output}/${name}`);
  if (signingKey !== undefined) await workshop.rename(`${staging}/${sums}.gpg`, `${output}/${sums}.gpg`);
  await workshop.rename(`${staging}/${sums}`, `${output}/${sums}`);
  await workshop.flush(output);
  return { output, files, signed: signingKey !== undefined };
}

async function readSums(workshop: Build["workshop"], path: string): Promise<readonly (readonly [string, string])[]> {
  if ((await workshop.kindOf(path)) === "absent") return [];
  const lines = new TextDecoder().decode(await workshop.read(path)).split("\n");
  return lines.flatMap((line): readonly (readonly [string, string])[] => {
    const [, sha256, name] = listLine.exec(line) ?? [];
    return sha256 === undefined || name === undefined ? [] : [[name, sha256]];
  });
}
