// What initrd and agent leave each other on the ESP: `failures.txt` and `known-good.txt`.
import { deepEqual, ok } from "node:assert/strict";
import { parseFailures } from "../../src/format/failures-file.ts";
import { formatKnownGood, knownGoodMax, parseKnownGood } from "../../src/format/known-good-file.ts";
import type { Target } from "../target.ts";

export const target: Target = {
  name: "esp-notes",
  covers: ["src/format/failures-file.ts", "src/format/known-good-file.ts"],
  seeds: () => [
    "1790000000\tfailed\tos_2.efi\timage-missing\t/system/os_2.erofs is not there\n1790000060\tchosen\tos_1.efi\t-\t-\n",
    "os_2.efi\nos_1.efi\nold.conf\n",
  ],
  run(bytes) {
    for (const { entryId, seconds } of parseFailures(bytes))
      ok(Number.isSafeInteger(seconds) && entryId !== "" && !entryId.includes("/"));
    const ids = parseKnownGood(bytes);
    ok(ids.length <= knownGoodMax);
    deepEqual(parseKnownGood(new TextEncoder().encode(formatKnownGood(ids))), ids);
  },
};
