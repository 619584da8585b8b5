// xdelta3 and zstd --patch-from: patches between two whole files. They are no updaters: curl brings the patch.
import { join } from "node:path";
import { command, type Method, script } from "../method.ts";

/** All of the older image as source, as large as xdelta3 takes it. */
const sourceWindow = ["-B", String(2 ** 31)];
const longWindow = "--long=31";

export const xdelta: Method = {
  id: "xdelta3",
  title: "xdelta3 -9 (no updater)",
  programs: ["xdelta3"],
  publishOlder: () => [],
  publishNewer: ({ tool, older, newer, served }) => [
    command(tool("xdelta3"), "-q", "-f", "-e", "-9", ...sourceWindow, "-s", older, newer, join(served, "patch")),
  ],
  update: ({ tool, older, client }, url) => [
    script(
      'curl -sS -o "$1/patch" "$2/patch"; "$3" -q -f -d -B "$4" -s "$5" "$1/patch" "$1/result"',
      client,
      url,
      tool("xdelta3"),
      sourceWindow[1] ?? "",
      older,
    ),
  ],
  result: ({ client }) => join(client, "result"),
};

export const zstdPatch: Method = {
  id: "zstd-patch",
  title: "zstd -12 --patch-from (no updater)",
  programs: ["zstd"],
  publishOlder: () => [],
  publishNewer: ({ tool, older, newer, served }) => [
    command(tool("zstd"), "-q", "-f", "-12", longWindow, `--patch-from=${older}`, newer, "-o", join(served, "patch")),
  ],
  update: ({ tool, older, client }, url) => [
    script(
      'curl -sS -o "$1/patch" "$2/patch"; "$3" -q -f -d "$4" "--patch-from=$5" "$1/patch" -o "$1/result"',
      client,
      url,
      tool("zstd"),
      longWindow,
      older,
    ),
  ],
  result: ({ client }) => join(client, "result"),
};
