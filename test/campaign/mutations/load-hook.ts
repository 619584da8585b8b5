// Loaded before everything else (`--import`): takes one thing away from one module as it is read, before its types are.
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { patched, pathOf, type Removal } from "./removal.ts";

const removal = JSON.parse(process.env["REMOVAL"] ?? "null") as Removal | null;
if (removal !== null) {
  const wanted = pathToFileURL(pathOf(removal)).href;
  registerHooks({
    load(url, context, nextLoad) {
      const result = nextLoad(url, context);
      if (url !== wanted) return result;
      const { source } = result;
      const text = typeof source === "string" ? source : new TextDecoder().decode(source ?? undefined);
      return { ...result, source: patched(text, removal) };
    },
  });
}
