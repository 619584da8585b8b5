// What every Firmware must do while the machine runs, as tests.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Firmware, type FirmwareVariable, firmwareVariables } from "./firmware.ts";

export interface FirmwareFixture {
  readonly firmware: Firmware;
  done(): Promise<void>;
}

export function firmwareContract(
  name: string,
  make: (variables: ReadonlyMap<FirmwareVariable, Uint8Array>) => Promise<FirmwareFixture>,
): void {
  describe(`${name} keeps the Firmware contract`, () => {
    test("every variable is read as it is, without attributes, also an empty one", async () => {
      const values = new Map(
        firmwareVariables.map((variable, index) => [variable, new Uint8Array(index * 300).fill(index)]),
      );
      const fixture = await make(values);
      try {
        assert.equal(fixture.firmware.available, true);
        for (const [variable, value] of values)
          assert.deepEqual(Buffer.from((await fixture.firmware.read(variable)) ?? []), Buffer.from(value), variable);
      } finally {
        await fixture.done();
      }
    });

    test("a variable that is not set is undefined", async () => {
      const fixture = await make(new Map([["SecureBoot", Uint8Array.of(1)]]));
      try {
        assert.deepEqual([...((await fixture.firmware.read("SecureBoot")) ?? [])], [1]);
        assert.equal(await fixture.firmware.read("dbx"), undefined);
      } finally {
        await fixture.done();
      }
    });
  });
}
