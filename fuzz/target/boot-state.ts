// What is remembered of boots, below /var/lib/holdfast/boot.
import { bootsSchema, fellBackSchema, fineUnitsSchema, trialsSchema, trySchema } from "../../src/wire/boot-state.ts";
import { decodeRecord } from "../../src/wire/state.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "boot-state",
  covers: ["src/wire/boot-state.ts", "src/wire/state.ts#decodeRecord"],
  packages: ["valibot"],
  seeds: () => [
    '{"format":1,"boots":[{"bootId":"b","atMs":1,"version":"2","entryId":"os_2.efi","counted":true,"verdict":"bad","failed":[{"name":"a","text":"b"}]}],"panicsSeen":["x"]}',
    '{"format":1,"trials":[{"version":"2","exhausted":1,"open":false,"atMs":1}]}',
    '{"format":1,"version":"1","back":"2","atMs":1,"bootId":"b"}',
    '{"format":1,"version":"1","atMs":1,"fine":["ssh.service"]}',
    '{"format":1,"version":"2","to":"1","atMs":1,"evidence":"check","text":"it failed","details":["a"]}',
  ],
  run(bytes) {
    const text = textOf(bytes);
    for (const schema of [bootsSchema, trialsSchema, trySchema, fineUnitsSchema, fellBackSchema]) {
      const value = decodeRecord<object>(schema, text);
      if (value !== undefined) JSON.stringify(value);
    }
  },
};
