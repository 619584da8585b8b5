// The recipe in a delta's head, after decompression: what a client is to read, decode and make.
import { deepEqual, ok } from "node:assert/strict";
import { parseSha256 } from "../../src/base/ids.ts";
import { deltaLimits, formatRecipe, parseRecipe } from "../../src/format/delta-file.ts";
import { decoded, type Target } from "../target.ts";

const sha256 = parseSha256("ab".repeat(32));

export const target: Target = {
  name: "delta-recipe",
  covers: ["src/format/delta-file.ts", "src/format/byte-columns.ts"],
  seeds: () => [
    formatRecipe({ oldBytes: 0, targetBytes: 0, encoders: [], sampleSha256: sha256, groups: [] }),
    formatRecipe({
      oldBytes: 100_000,
      targetBytes: 13_100,
      encoders: [{ level: 3, windowLog: 19 }],
      sampleSha256: sha256,
      groups: [
        {
          references: [
            { offset: 4096, length: 8192, plainLength: 20_000 },
            { offset: 0, length: 100, plainLength: 0 },
          ],
          steps: [
            { kind: "plain", length: 8 },
            { kind: "encode", plainLength: 9000, length: 4096, encoder: 0 },
            { kind: "copy", offset: 1000, length: 4000 },
          ],
          section: { length: 70, sha256 },
        },
        {
          references: [],
          steps: [{ kind: "copy", offset: 5000, length: 4996 }],
          section: {
            length: 0,
            sha256: parseSha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
          },
        },
      ],
    }),
  ],
  run(bytes) {
    const recipe = decoded(() => parseRecipe(bytes));
    if (recipe === undefined) return;
    let made = 0;
    for (const { references, steps } of recipe.groups) {
      let dictionary = 0;
      for (const { offset, length, plainLength } of references) {
        ok(offset >= 0 && length > 0 && offset + length <= recipe.oldBytes);
        dictionary += plainLength === 0 ? length : plainLength;
      }
      ok(dictionary <= deltaLimits.dictionaryBytes);
      for (const step of steps) {
        made += step.length;
        if (step.kind === "copy") ok(step.offset >= 0 && step.offset + step.length <= recipe.oldBytes);
        if (step.kind === "encode") ok(recipe.encoders[step.encoder] !== undefined);
      }
    }
    ok(made === recipe.targetBytes);
    deepEqual(parseRecipe(formatRecipe(recipe)), recipe);
  },
};
