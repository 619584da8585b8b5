// Three versions as names give them, a line each: their order is an order.
import { equal, ok } from "node:assert/strict";
import { compareVersions } from "../../src/domain/version-order.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "version-order",
  covers: ["src/domain/version-order.ts"],
  lengthMax: 300,
  seeds: () => ["5\n5~rc1\n5^post", "1.0-1\n1.00-1\n1.0a", "123_a\n123a\n0009", "\n~\n-"],
  run(bytes) {
    const [a = "", b = "", c = ""] = textOf(bytes).split("\n", 3);
    equal(compareVersions(a, a), 0);
    equal(compareVersions(a, b) + compareVersions(b, a), 0);
    if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) ok(compareVersions(a, c) <= 0, "not transitive");
  },
};
