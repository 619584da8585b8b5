// zchunk: one file with its own index, fetched in few requests; the client keeps the file of the version before.
import { join } from "node:path";
import { command, type Method, script } from "../method.ts";

export const zchunk: Method = {
  id: "zchunk",
  title: "zchunk",
  programs: ["zck", "unzck", "zckdl"],
  publishOlder: ({ tool, older, client }) => [command(tool("zck"), "-o", join(client, "older.zck"), older)],
  publishNewer: ({ tool, newer, served }) => [command(tool("zck"), "-o", join(served, "newer.zck"), newer)],
  update: ({ tool, client }, url) => [
    script('cd "$1"; "$2" -q -s older.zck "$3/newer.zck"; "$4" newer.zck', client, tool("zckdl"), url, tool("unzck")),
  ],
  result: ({ client }) => join(client, "newer"),
};
