// When what clients read now was signed: they take nothing that was signed before it, whatever its number is (P9, P13).
import { Fault } from "../base/fault.ts";
import { parseSignedText, type SignedText } from "../format/signed-text.ts";
import { readSmall } from "../port/small-file.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import { indexName, type Publisher, signatureName, sumsName } from "./publisher.ts";
import { keyringOf } from "./settings.ts";

const maxBytes = 40 << 20;

/** In milliseconds since the epoch; 0 where nothing is published that clients would believe. */
export async function signedLastMs(publisher: Publisher, settings: RepositorySettings): Promise<number> {
  const { disk, verifier, clock } = publisher.machine;
  const read = async (name: string): Promise<Uint8Array> =>
    (await readSmall(disk, `${publisher.folder}/${name}`, maxBytes)) ?? new Uint8Array();
  const signedAtMs = async (signed: () => Promise<SignedText>): Promise<number> => {
    try {
      const { text, signature } = await signed();
      return (await verifier.verify(text, signature, keyringOf(settings), clock.nowMs())).signedAtMs;
    } catch (error) {
      // What is missing or damaged is refused by clients too.
      if (error instanceof Fault && error.code !== "io-error") return 0;
      throw error;
    }
  };
  return Math.max(
    await signedAtMs(async () => parseSignedText(indexName, await read(indexName))),
    await signedAtMs(async () => ({ text: await read(sumsName), signature: await read(signatureName) })),
  );
}
