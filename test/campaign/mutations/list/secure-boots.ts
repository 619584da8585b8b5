// What can be taken away where an entry is asked about before it is installed (P12).
import { of, type Removal } from "../removal.ts";

const signed = "v1 to a signed v2 under Secure Boot, images on ext4";
const unsigned = "v2 unsigned under Secure Boot";
const observed = "an entry that was refused before it was installed is none that anybody sees";

export const secureBootRemovals: readonly Removal[] = [
  ...of("agent/install/admit.ts", [
    {
      kind: "refusal",
      what: "refusing what Secure Boot would not start",
      scenario: unsigned,
      from: '    if (verdict.kind === "taken") return;\n',
      to: "    if (verdict !== undefined) return;\n",
    },
    {
      kind: "memory",
      what: "going on with what was fetched ahead, although it lies on the ESP as well",
      scenario: signed,
      from: "!(await this.#isThere(joinPath(ahead, name))) && ",
      to: "",
    },
  ]),
  ...of("agent/install/execute.ts", [
    {
      kind: "memory",
      what: "removing what was fetched ahead once it was copied",
      scenario: signed,
      from: "    if (fetched !== undefined) await this.#forgetFetched(step.offer);\n",
      to: "",
    },
  ]),
  ...of("domain/planner.ts", [
    {
      kind: "refusal",
      what: "asking before anything is touched",
      scenario: unsigned,
      from: 'destination.role === "entry" && looksFirst(situation)',
      to: 'destination.role === "entry" && looksFirst(situation) && false',
    },
  ]),
  ...of("agent/observe/boot-entries.ts", [
    {
      kind: "comparison",
      what: "asking about installed entries",
      unitTest: { file: "src/agent/install/admit.test.ts", because: observed },
      from: '  if (secureBoot.kind !== "on") return { kind: "yes" };\n',
      to: '  if (secureBoot.kind !== undefined) return { kind: "yes" };\n',
    },
  ]),
  ...of("domain/secure-boot.ts", [
    {
      kind: "comparison",
      what: "looking whether a signer is revoked",
      scenario: "v2 signed by a key in dbx under Secure Boot",
      from: "  if (byRevocation !== undefined) return byRevocation;\n",
      to: "",
    },
    {
      kind: "comparison",
      what: "holding what was signed against what is there",
      unitTest: {
        file: "src/domain/secure-boot.test.ts",
        because: "what is downloaded has its digest from the manifest; only its publisher could sign other bytes",
      },
      from: "(image.digest === undefined || signature.digest === image.digest)",
      to: "true",
    },
  ]),
];
