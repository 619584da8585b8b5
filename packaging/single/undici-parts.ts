// What src/adapter/http/undici-parts.ts is in the checkout: here the bundler has to see what is asked for, and what is
// asked for late is in the bundle too, so that nothing is to be read.
import type { default as Undici } from "undici";

/** The bundler's own. */
declare const require: (specifier: string) => unknown;

export const EnvHttpProxyAgent =
  require("undici/lib/dispatcher/env-http-proxy-agent.js") as typeof Undici.EnvHttpProxyAgent;
const { prototype } = require("undici/lib/dispatcher/dispatcher.js") as typeof Undici.Dispatcher;
Object.assign(prototype, require("undici/lib/api/index.js"));
