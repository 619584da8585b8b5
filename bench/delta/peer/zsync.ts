// zsync: rsync's search on the client, ranges of the whole image from any web server.
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { command, type Method } from "../method.ts";

export const zsync: Method = {
  id: "zsync",
  title: "zsync",
  programs: ["zsync", "zsyncmake"],
  payload: /\.erofs$/,
  prepare: ({ newer, served }) => symlink(newer, join(served, "newer.erofs")),
  publishOlder: () => [],
  publishNewer: ({ tool, newer, served }) => [
    command(tool("zsyncmake"), "-C", "-u", "newer.erofs", "-o", join(served, "newer.zsync"), newer),
  ],
  update: ({ tool, older, client }, url) => [
    command(tool("zsync"), "-q", "-i", older, "-o", join(client, "result"), `${url}/newer.zsync`),
  ],
  result: ({ client }) => join(client, "result"),
};
