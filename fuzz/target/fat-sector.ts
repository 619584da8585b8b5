// The boot sector of a FAT volume.
import { tinyUki } from "../../src/format/pe.fixture.ts";
import { dirtyFlag } from "../../src/adapter/volumes/fat.ts";
import type { Target } from "../target.ts";

function sector(fields: Readonly<Record<number, number>>): Uint8Array {
  const bytes = new Uint8Array(512);
  for (const [at, value] of Object.entries({ 510: 0x55, 511: 0xaa, ...fields })) bytes[Number(at)] = value;
  return bytes;
}

export const target: Target = {
  name: "fat-sector",
  covers: ["src/adapter/volumes/fat.ts#dirtyFlag"],
  lengthMax: 1024,
  seeds: () => [sector({ 0x41: 1, 0x42: 0x29 }), sector({ 22: 1, 0x25: 1, 0x26: 0x28 }), tinyUki().subarray(0, 512)],
  run(bytes) {
    dirtyFlag(bytes);
  },
};
