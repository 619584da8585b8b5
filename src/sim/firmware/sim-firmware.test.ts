import assert from "node:assert/strict";
import { test } from "node:test";
import { firmwareContract } from "../../port/firmware.contract.ts";
import { SimFirmware } from "./sim-firmware.ts";

firmwareContract("The simulated firmware", async (variables) => ({
  firmware: new SimFirmware(variables),
  done: async () => {},
}));

test("a tree that is not running has no firmware", async () => {
  const firmware = new SimFirmware(new Map([["SecureBoot", Uint8Array.of(1)]]), undefined, false);
  assert.equal(await firmware.read("SecureBoot"), undefined);
});
