import assert from "node:assert/strict";
import { test } from "node:test";
import { type PowerSupply, runsOnBattery } from "./power.ts";

const none: PowerSupply = { type: "", scope: undefined, online: undefined, status: undefined };
const mains = (online: string): PowerSupply => ({ ...none, type: "Mains", online });
const battery = (status: string): PowerSupply => ({ ...none, type: "Battery", status });

test("a machine runs on its battery when nothing feeds it and a battery of its own discharges", () => {
  const rows: readonly (readonly [string, readonly PowerSupply[], boolean])[] = [
    ["a desktop", [], false],
    ["a server with its mains", [mains("1")], false],
    ["a laptop, plugged in", [mains("1"), battery("Charging")], false],
    ["plugged in and discharging for a moment", [mains("1"), battery("Discharging")], false],
    ["unplugged", [mains("0"), battery("Discharging")], true],
    ["two batteries, one is used", [mains("0"), battery("Unknown"), battery("Discharging")], true],
    ["charged through USB", [{ ...none, type: "USB", online: "1" }, battery("Discharging")], false],
    ["a desktop whose mouse discharges", [{ ...battery("Discharging"), scope: "Device" }], false],
    ["no mains are told of", [battery("Discharging")], true],
    ["on an emergency supply", [{ ...none, type: "UPS", status: "Discharging" }], true],
  ];
  for (const [what, supplies, expected] of rows) assert.equal(runsOnBattery(supplies), expected, what);
});
