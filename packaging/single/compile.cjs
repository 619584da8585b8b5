// Runs the bundle as far as every start does, and writes what V8 has compiled by then: compile.cjs BUNDLE COMPILED
const { readFileSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");

const [, , from, to] = process.argv;
process.argv.splice(1, Infinity, "holdfast", "--version");
const script = new Script(readFileSync(from, "latin1"), { filename: "holdfast" });
process.on("exit", () => writeFileSync(to, script.createCachedData()));
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, require, bundle);
bundle.exports.loadAll().then(() => bundle.exports.begin());
