// A list from a server: what is offered to two definitions, and where it would be fetched from.
import { ok } from "node:assert/strict";
import { readCatalog } from "../../src/agent/observe/catalog.ts";
import { noFacts } from "../../src/agent/state/state.ts";
import { parseTransfer } from "../../src/format/definitions.ts";
import { sessionOf } from "../fixture/session.ts";
import { decodedLater, type Target } from "../target.ts";

const digest = "0123456789abcdef".repeat(4);
const transfers = ["images/demo_@v_@u.raw.zst demo_@v.raw", "**/demo_@v+@l.efi demo_@v.efi"].map((patterns, index) => {
  const text = `[Transfer]\nVerify=no\n[Source]\nType=url-file\nPath=http://example.org/a\nMatchPattern=${patterns}\n[Target]\nPath=/b${index}\nMatchPattern=demo_@v\n`;
  return parseTransfer(`${index}`, [{ path: `${index}.transfer`, text }], {}).transfer;
});

export const target: Target = {
  name: "catalog",
  covers: [
    "src/agent/observe/catalog.ts#namesOf",
    "src/agent/observe/catalog.ts#offersOf",
    "src/agent/observe/catalog.ts#releasesOf",
    "src/agent/observe/catalog.ts#accepts",
    "src/agent/observe/catalog.ts#compressionOfName",
    "src/agent/acquire/download.ts#downloadSmall",
    "src/agent/acquire/download.ts#collect",
  ],
  seeds: () => [
    `${digest}  images/demo_5_0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.raw.zst\n${digest}  x/demo_5+3.efi\n`,
    `${digest}  demo_5.raw\n${digest}  demo_5.efi\n${digest}  demo_6.raw\n`,
    `${digest} *demo_5.raw\n${digest}  BEST-BEFORE-2030-01-01\n`,
  ],
  async run(bytes) {
    const session = sessionOf({ body: bytes });
    const catalog = await decodedLater(() => readCatalog(session, transfers, noFacts));
    for (const offer of catalog?.releases.flatMap(({ offers }) => offers) ?? []) {
      ok(new URL(offer.location).pathname.startsWith("/a/"), offer.location);
      ok(new URL(offer.location).search === "" && new URL(offer.location).hash === "", offer.location);
    }
  },
};
