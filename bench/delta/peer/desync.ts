// desync: content-defined chunks in a store, one request each. Chunks of 64 KiB are its own choice, those of 2 MiB KDE Linux's.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { command, type Method } from "../method.ts";

function desync(id: string, title: string, sizes: string): Method {
  return {
    id,
    title,
    programs: ["desync"],
    prepare: async ({ served }) => {
      await mkdir(join(served, "store"));
    },
    publishOlder: ({ tool, older, served, client }) => [
      command(tool("desync"), "make", "-m", sizes, "-s", join(served, "store"), join(client, "older.caibx"), older),
    ],
    publishNewer: ({ tool, newer, served }) => [
      command(tool("desync"), "make", "-m", sizes, "-s", join(served, "store"), join(served, "newer.caibx"), newer),
    ],
    update: ({ tool, older, client }, url) => {
      const seed = `${join(client, "older.caibx")}:${older}`;
      const result = join(client, "result");
      return [command(tool("desync"), "extract", "-s", `${url}/store`, "--seed", seed, `${url}/newer.caibx`, result)];
    },
    result: ({ client }) => join(client, "result"),
  };
}

export const desync64: Method = desync("desync-64", "desync, 16/64/256 KiB", "16:64:256");

export const desyncKde: Method = desync("desync-kde", "desync, 1/2/4 MiB (KDE Linux)", "1024:2048:4096");
