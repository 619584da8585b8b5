// Everything the bench of deltas plays, in the order of its table.
import type { Method } from "./method.ts";
import { ownChunks, ownDelta } from "./own/holdfast.ts";
import { casync } from "./peer/casync.ts";
import { desync64, desyncKde } from "./peer/desync.ts";
import { xdelta, zstdPatch } from "./peer/patch-tools.ts";
import { zchunk } from "./peer/zchunk.ts";
import { zsync } from "./peer/zsync.ts";

/** What the others are held against. */
export const yardstick: string = desync64.id;

export const methods: readonly Method[] = [
  ownDelta,
  ownChunks,
  desync64,
  desyncKde,
  casync,
  zsync,
  zchunk,
  xdelta,
  zstdPatch,
];
