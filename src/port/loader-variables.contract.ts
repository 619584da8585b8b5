// What every LoaderVariables must do while the machine runs, as tests (interfaces D.8).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LoaderVariables } from "./loader-variables.ts";

export interface LoaderVariablesFixture {
  /** Available, with no variable set yet. */
  readonly loader: LoaderVariables;
  done(): Promise<void>;
}

export function loaderVariablesContract(name: string, make: () => Promise<LoaderVariablesFixture>): void {
  const check = (sentence: string, body: (loader: LoaderVariables) => Promise<void>): void => {
    test(sentence, async () => {
      const fixture = await make();
      try {
        await body(fixture.loader);
      } finally {
        await fixture.done();
      }
    });
  };

  describe(`${name} keeps the LoaderVariables contract`, () => {
    check("what was written is read, also a shorter text over a longer one", async (loader) => {
      assert.equal(loader.available, true);
      for (const value of ["os_7+3-0.efi", "ü\u{1f600}.efi", "a", ""]) {
        await loader.write("LoaderEntryOneShot", value);
        assert.equal(await loader.read("LoaderEntryOneShot"), value);
      }
    });

    check("a variable that is not set is undefined, and deleting it again is no error", async (loader) => {
      assert.equal(await loader.read("LoaderEntryDefault"), undefined);
      await loader.write("LoaderEntryDefault", "x");
      await loader.write("LoaderEntryDefault", undefined);
      assert.equal(await loader.read("LoaderEntryDefault"), undefined);
      await loader.write("LoaderEntryDefault", undefined);
    });

    check("the firmware's boot list is bytes, and kept apart from the loader's variables", async (loader) => {
      assert.equal(await loader.readBootList("BootOrder"), undefined);
      await loader.writeBootList("BootOrder", Uint8Array.of(1, 0));
      await loader.writeBootList("BootOrder", Uint8Array.of(7, 0));
      await loader.writeBootList("Boot0001", Uint8Array.of(0, 1, 2));
      assert.deepEqual([...((await loader.readBootList("BootOrder")) ?? [])], [7, 0]);
      assert.deepEqual([...((await loader.readBootList("Boot0001")) ?? [])], [0, 1, 2]);
      assert.equal(await loader.read("LoaderEntryOneShot"), undefined);
    });

    check("variables do not touch each other", async (loader) => {
      await loader.write("LoaderEntryDefault", "a");
      await loader.write("LoaderEntryPreferred", "b");
      await loader.write("LoaderEntryDefault", undefined);
      assert.equal(await loader.read("LoaderEntryPreferred"), "b");
    });
  });
}
