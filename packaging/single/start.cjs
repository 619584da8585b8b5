// What the single executable runs first: the bundle, compiled ahead with every function that starting it calls.
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const text = Buffer.from(getRawAsset("bundle")).latin1Slice();
const script = new Script(text, { filename: "holdfast", cachedData: Buffer.from(getRawAsset("compiled")) });
// No less right then, only slower to start.
if (script.cachedDataRejected && process.env["HOLDFAST_DEBUG_START"] === "1") console.error("compiled anew");
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, require, bundle);
void bundle.exports.begin();
