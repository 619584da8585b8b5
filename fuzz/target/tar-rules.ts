// Items of an archive as the confined child names them, a line of JSON each: what the parent makes of their paths.
import { ok } from "node:assert/strict";
import { TarRules } from "../../src/adapter/decoder/tar-item.ts";
import { parseMessage } from "../../src/adapter/confined/frame.ts";
import { bytesOf, decoded, type Target, textOf } from "../target.ts";

const item = (fields: object): string =>
  JSON.stringify({
    type: "file",
    path: "usr/bin/demo",
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtimeUs: "1",
    sizeBytes: 3,
    target: "",
    ...fields,
  });

export const target: Target = {
  name: "tar-rules",
  covers: ["src/adapter/decoder/tar-item.ts"],
  lengthMax: 2048,
  seeds: () => [
    [item({ type: "directory", path: "./" }), item({}), item({ type: "symlink", path: "lib", target: "usr/lib" })].join(
      "\n",
    ),
    [item({ type: "symlink", path: "a", target: "/etc" }), item({ path: "a/b" })].join("\n"),
    [item({}), item({ type: "link", path: "b", target: "./usr//bin/demo" }), item({ path: "../x" })].join("\n"),
  ],
  run(bytes) {
    const rules = new TarRules();
    const links = new Set<string>();
    for (const line of textOf(bytes).split("\n", 64)) {
      const header = decoded(() => rules.header(parseMessage(bytesOf(line))));
      if (header === undefined) continue;
      const paths = header.kind === "hardlink" ? [header.path, header.target] : [header.path];
      for (const path of paths) {
        const parts = path.split("/");
        ok(path === "." || parts.every((part) => part !== "" && part !== "." && part !== ".."), path);
        ok(
          parts.every((_, end) => end === 0 || !links.has(parts.slice(0, end).join("/"))),
          `${path} leads through a link`,
        );
      }
      if (header.kind === "symlink") links.add(header.path);
      else links.delete(header.path);
    }
  },
};
