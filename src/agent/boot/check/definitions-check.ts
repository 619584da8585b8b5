// Built-in check: the definitions parse, and what they ask to be signed can be verified: a keyring is there (P8, P9).
import { demandAllRead } from "../../observe/definitions.ts";
import { readKeyrings } from "../../observe/keyrings.ts";
import { type BuiltInCheck, demandObserved, failed, passed } from "./health-check.ts";

export const definitionsCheck: BuiltInCheck = {
  name: "definitions",
  timeMs: 20_000,
  run: async (context) => {
    const { definitions } = demandObserved(context);
    demandAllRead(definitions);
    const count = definitions.enabled.length;
    if (count === 0) return failed("no definition is enabled: this version could never be updated");
    const read = `${count} ${count === 1 ? "definition" : "definitions"} read`;
    if (definitions.enabled.every(({ verify }) => !verify)) return passed(`${read}; none asks for a signature`);
    const keyrings = await readKeyrings(context.session);
    let keys = 0;
    for (const keyring of keyrings) keys += await context.session.machine.verifier.countKeys(keyring);
    return passed(`${read}, ${keys} ${keys === 1 ? "key" : "keys"} to verify with`);
  },
};
