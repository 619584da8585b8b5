// casync: desync's elder, with the same files; it cuts its seed again at each update.
import { dirname, join } from "node:path";
import { command, type Method } from "../method.ts";

export const casync: Method = {
  id: "casync",
  title: "casync, 64 KiB",
  programs: ["casync", "casync-http"],
  publishOlder: ({ tool, older, served, client }) => [
    command(tool("casync"), "make", `--store=${join(served, "store.castr")}`, join(client, "older.caibx"), older),
  ],
  publishNewer: ({ tool, newer, served }) => [
    command(tool("casync"), "make", `--store=${join(served, "store.castr")}`, join(served, "newer.caibx"), newer),
  ],
  update: ({ tool, older, client }, url) => {
    const store = `--store=${url}/store.castr`;
    const result = join(client, "result");
    return [
      {
        ...command(tool("casync"), "extract", store, `--seed=${older}`, `${url}/newer.caibx`, result),
        environment: { CASYNC_PROTOCOL_PATH: dirname(tool("casync-http")) },
      },
    ];
  },
  result: ({ client }) => join(client, "result"),
};
