// The bootstrap behind `npm start`, `npm test`, `npm run bench`, `npm run check`, `npm run simulate`, `npm run campaign`,
// `npm run fuzz`, `npm run package:deb` and `npm run docs` on a fresh clone.
// Plain JavaScript for Node 18 and newer, without dependencies: it installs the packages of the lock file where
// they are missing, then runs the wanted script on the Node 26 that is among them.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const node = join(modules, ".bin", "node");

const scripts = {
  demo: "tools/demo/main.ts",
  test: "tools/test.ts",
  bench: "bench/main.ts",
  check: "tools/check.ts",
  simulate: "tools/simulate.ts",
  campaign: "test/campaign/main.ts",
  fuzz: "fuzz/main.ts",
  "package:deb": "packaging/build-deb.ts",
  docs: "tools/docs/main.ts",
  screens: "tools/docs/screens.ts",
};

const [wanted = "", ...rest] = process.argv.slice(2);
if (!Object.hasOwn(scripts, wanted))
  fail(`Cannot run ${JSON.stringify(wanted)}: known are ${Object.keys(scripts).join(", ")}.`, 2);
if (!isInstalled()) await install();
if (!existsSync(node)) {
  fail(
    `Cannot start Node 26: there is no package of it for ${process.platform}-${process.arch}.\n` +
      `Holdfast is developed on Linux on x64 or arm64; use such a machine or a container.`,
  );
}
const path = `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}`;
const args = ["--disable-warning=ExperimentalWarning", join(root, scripts[wanted]), ...rest];
const ended = await run(node, args, { stdio: "inherit", env: { ...process.env, PATH: path } });
if (ended.error) fail(`Cannot start ${node}: ${ended.error.message}.\nRemove node_modules and try again.`);
leave(ended);

/**
 * Compares the lock file with the copy of it that npm leaves in node_modules when it is done. Packages that npm
 * left out (optional, for another platform) do not count as missing.
 */
function isInstalled() {
  const locked = readJson(join(root, "package-lock.json"))?.packages;
  const present = readJson(join(modules, ".package-lock.json"))?.packages;
  if (locked === undefined) fail("Cannot read package-lock.json: the checkout is not complete.");
  if (present === undefined || !existsSync(node)) return false;
  return Object.entries(locked).every(([place, { version, integrity, optional }]) => {
    if (place === "") return true;
    const found = present[place];
    return found === undefined ? optional === true : found.version === version && found.integrity === integrity;
  });
}

async function install() {
  say("Installing the packages of package-lock.json (about 150 MB, once) ...");
  const begin = Date.now();
  const flags = [
    "ci",
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const cli = process.env.npm_execpath;
  const [program, first] = cli?.endsWith(".js") && existsSync(cli) ? [process.execPath, [cli]] : ["npm", []];
  const { code, signal, error, output } = await run(program, [...first, ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "" },
  });
  if (signal !== null && error === undefined) leave({ code, signal });
  if (error !== undefined) {
    fail(
      `Cannot install the packages: npm was not found (${error.code ?? error.message}).\nInstall npm, which comes with Node 20 or newer, and try again.`,
    );
  }
  if (code !== 0) {
    // npm puts the cause first and may add pages of usage.
    const told = withoutHosts(output).trim().split("\n").slice(0, 8).join("\n");
    fail(
      `Cannot install the packages: npm ci ended with code ${code}.\n${told}\n` +
        `If this machine is offline, connect it (or set npm's registry to one it can reach) and try again; ` +
        `otherwise run \`npm ci\` to see more.`,
    );
  }
  say(`Installed in ${((Date.now() - begin) / 1000).toFixed(0)} s.`);
}

/** Takes out addresses, and words with dots that end like a host name and not like a file or a version. */
function withoutHosts(text) {
  const isNoHost = (word) => /\.(json|js|mjs|ts|log|tgz)$/.test(word) || /\.\d+$/.test(word);
  return text
    .replace(/\bhttps?:\/\/[^\s"']+/g, "(registry)")
    .replace(/(?<![/\w.@-])[\w-]+(\.[\w-]+)+(?=[:\s]|$)/g, (word) => (isNoHost(word) ? word : "(registry)"));
}

/** Runs a program to its end, handing signals on; resolves with code or signal, the error of a start, and piped output. */
function run(program, args, options) {
  return new Promise((resolve) => {
    const child = spawn(program, args, options);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes) => (output += bytes));
    const handed = ["SIGINT", "SIGTERM", "SIGHUP"].map((name) => {
      // A terminal sends Ctrl-C to the child as well: it is not to arrive twice.
      const handler = () => {
        if (name !== "SIGINT" || !process.stdin.isTTY) child.kill(name);
      };
      process.on(name, handler);
      return [name, handler];
    });
    const end = (result) => {
      for (const [name, handler] of handed) process.off(name, handler);
      resolve({ output, ...result });
    };
    child.on("error", (error) => end({ code: null, signal: null, error }));
    child.on("close", (code, signal) => end({ code, signal }));
  });
}

/** Ends as the child ended: by its code, or by the signal that ended it. */
function leave({ code, signal }) {
  if (signal !== null) {
    process.kill(process.pid, signal);
    process.exit(128 + constants.signals[signal]);
  }
  process.exit(code ?? 1);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function say(text) {
  process.stderr.write(`holdfast: ${text}\n`);
}

function fail(text, code = 1) {
  say(text);
  process.exit(code);
}
