import assert from "node:assert/strict";
import { test } from "node:test";
import { loaderVariablesContract } from "../../port/loader-variables.contract.ts";
import { SimLoaderVariables } from "./sim-loader-variables.ts";

loaderVariablesContract("The simulated firmware", async () => ({
  loader: new SimLoaderVariables(new Map()),
  done: async () => {},
}));

test("a tree that is not running has no variables", async () => {
  const loader = new SimLoaderVariables(new Map([["LoaderInfo", "x"]]), undefined, false);
  assert.equal(await loader.read("LoaderInfo"), undefined);
  await assert.rejects(loader.write("LoaderEntryDefault", "a"), { code: "io-error" });
});
