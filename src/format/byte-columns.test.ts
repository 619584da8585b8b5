import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { ColumnReader, ColumnWriter, joinColumns, splitColumns } from "./byte-columns.ts";

const written = (values: readonly number[]): ColumnWriter => {
  const writer = new ColumnWriter();
  for (const value of values) writer.putSigned(value);
  return writer;
};
const refused = { code: "columns-damaged" };

test("numbers take as many bytes as they have groups of seven bits", () => {
  const writer = new ColumnWriter();
  for (const value of [0, 127, 128, 16_384]) writer.put(value);
  assert.deepEqual([...writer.bytes()], [0, 127, 0x80, 1, 0x80, 0x80, 1]);
});

test("columns of any numbers come back", () => {
  const number = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
  fc.assert(
    fc.property(fc.array(fc.array(number)), (lists) => {
      const columns = splitColumns(joinColumns(lists.map(written)), lists.length);
      lists.forEach((list, index) => {
        const column = columns[index] as ColumnReader;
        assert.deepEqual(
          list.map(() => column.takeSigned()),
          list,
        );
        column.end();
      });
    }),
  );
});

for (const [what, bytes] of [
  ["a number without its end", [0x80]],
  ["a number of nine groups", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]],
  ["a number above 2^53", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
] as const)
  test(`${what} is refused`, () => {
    assert.throws(() => new ColumnReader(Uint8Array.from(bytes)).take(), refused);
  });

test("columns that end early and bytes behind the last are refused", () => {
  assert.throws(() => splitColumns(Uint8Array.of(3, 1), 1), refused);
  assert.throws(() => splitColumns(Uint8Array.of(1, 1, 1), 1), refused);
  assert.throws(() => new ColumnReader(Uint8Array.of(1)).end(), refused);
});

test("any bytes are columns or a Fault", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(4), (bytes, count) => {
      try {
        for (const column of splitColumns(bytes, count)) column.take();
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});
