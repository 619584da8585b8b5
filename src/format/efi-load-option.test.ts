import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseUuid } from "../base/ids.ts";
import { toHex } from "../base/text.ts";
import { formatLoadOption, type LoadOption, parseLoadOption } from "./efi-load-option.ts";

const option: LoadOption = {
  description: "OS",
  active: true,
  partition: {
    uuid: parseUuid("00112233-4455-6677-8899-aabbccddeeff"),
    number: 1,
    startSector: 2048,
    sizeSectors: 1_048_576,
  },
  path: "\\E.EFI",
};

test("the bytes are those of the specification", () => {
  assert.equal(
    toHex(formatLoadOption(option)),
    [
      "01000000", // active
      "4000", // length of the device path
      "4f0053000000", // "OS"
      "04012a00", // a hard drive
      "01000000",
      "0008000000000000",
      "0000100000000000",
      "33221100554477668899aabbccddeeff",
      "0202", // GPT, signed by a GUID
      "04041200", // a file
      "5c0045002e0045004600490000 00".replace(" ", ""),
      "7fff0400",
    ].join(""),
  );
});

test("what is written is read", () => {
  const text = fc.stringMatching(/^[ -~]{0,40}$/);
  fc.assert(
    fc.property(
      text,
      text,
      fc.uuid(),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 0, max: 128 }),
      fc.boolean(),
      (description, path, uuid, startSector, sizeSectors, number, active) => {
        const made: LoadOption = {
          description,
          active,
          path,
          partition: { uuid: parseUuid(uuid), number, startSector, sizeSectors },
        };
        assert.deepEqual(parseLoadOption(formatLoadOption(made)), made);
      },
    ),
  );
});

test("any bytes are an option of a file, or none", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseLoadOption(bytes)));
  fc.assert(
    fc.property(fc.nat(90), fc.nat(255), (at, value) => {
      const bytes = formatLoadOption(option);
      bytes[at % bytes.length] = value;
      parseLoadOption(bytes);
    }),
  );
});
