// `node bench/images/main.ts [PAIR...]`: builds pairs of images, so that a bench finds them, and says where they are.
import { imagePair } from "./image-pair.ts";
import { type PairName, pairs } from "./recipes.ts";

const names = process.argv.slice(2);
for (const name of names.length === 0 ? Object.keys(pairs) : names) {
  if (!Object.hasOwn(pairs, name)) throw new Error(`Cannot build ${name}: known are ${Object.keys(pairs).join(", ")}`);
  const { older, newer } = await imagePair(name as PairName, { say: (line) => console.error(`images: ${line}`) });
  for (const { path, sizeBytes } of [older, newer]) console.log(`${name}\t${(sizeBytes / 1e6).toFixed(1)} MB\t${path}`);
}
