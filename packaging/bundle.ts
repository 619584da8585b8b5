// All of Holdfast as one script: sources and packages, each module evaluated when it is first asked for.
import { join } from "node:path";
import { type BuildOptions, build as runEsbuild, type Metafile, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
const entry = "packaging/single/entry.ts";

/** Where a module asks for what a bundler cannot see, another one stands in its place. */
const standIns: Plugin = {
  name: "stand-ins",
  setup(build) {
    const path = join(root, "packaging/single/undici-parts.ts");
    build.onResolve({ filter: /\/undici-parts\.ts$/ }, () => ({ path }));
  },
};

const options = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  target: "node26",
  // Only a classic script can be compiled ahead with the functions that it has called.
  format: "cjs",
  // Names stay, for the traces of a bug; and all is ASCII, which V8 keeps in one byte a character.
  minifyWhitespace: true,
  charset: "ascii",
  legalComments: "none",
  define: { "import.meta.url": "holdfastUrl" },
  banner: { js: 'const holdfastUrl="file:///usr/bin/holdfast";' },
  logOverride: { "empty-import-meta": "silent" },
  logLevel: "error",
  plugins: [standIns],
} as const satisfies BuildOptions;

export interface Bundle {
  /** Of a function of `exports`, `require` and `module`, as CommonJS has it; exports `begin` and `loadAll`. */
  readonly text: string;
  /** The npm packages in it. */
  readonly packages: readonly string[];
}

export async function bundle(): Promise<Bundle> {
  const { metafile: graph } = await runEsbuild({ ...options, entryPoints: [entry] });
  const imports = lateModules(graph).map((path) => `import("./${path}")`);
  const contents = `export { begin } from "./${entry}";
export const loadAll = () => Promise.all([${imports.join(",")}]);
`;
  const { outputFiles, metafile } = await runEsbuild({
    ...options,
    stdin: { contents, resolveDir: root, loader: "ts", sourcefile: "single.ts" },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild made nothing");
  return { text: `(function(exports,require,module){${file.text}\n})`, packages: packagesIn(metafile) };
}

/** What is loaded only when it is first used; not what runs the command line as soon as it is there. */
function lateModules({ inputs }: Metafile): readonly string[] {
  const late = Object.values(inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, external, path }) => kind === "dynamic-import" && external !== true && path !== "src/main.ts");
  return [...new Set(late.map(({ path }) => path))].toSorted();
}

function packagesIn({ inputs }: Metafile): readonly string[] {
  const names = Object.keys(inputs).map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}
