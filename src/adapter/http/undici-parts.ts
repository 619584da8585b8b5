// The parts of undici that are needed, put together as its index does: with the rest of it (fetch, WebSocket, caches)
// the child would take 15 MB more and start half as fast. In the single executable, packaging/single/undici-parts.ts
// stands in its place.
import { createRequire } from "node:module";
import type { default as Undici } from "undici";

const require = createRequire(import.meta.url);
export const EnvHttpProxyAgent: typeof Undici.EnvHttpProxyAgent = require("undici/lib/dispatcher/env-http-proxy-agent.js");
const { prototype } = require("undici/lib/dispatcher/dispatcher.js") as typeof Undici.Dispatcher;
Object.assign(prototype, require("undici/lib/api/index.js"));

// undici reads its parser when the first connection opens; here nothing can be read any more by then, and even where
// a module is must be known before. So it is asked for from the same folder, in the same words.
const undiciFolder = require.resolve("undici/lib/dispatcher/client-h1.js");
for (const late of ["../llhttp/llhttp_simd-wasm.js", "../llhttp/llhttp-wasm.js"]) createRequire(undiciFolder)(late);
