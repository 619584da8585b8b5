// holdfast fetch: what holdfast-fetch@.service runs for each connection to holdfast-fetch.socket (packaging/systemd; P9).
import { buildCommand } from "@stricli/core";
import type { CommandThis } from "../context.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";

export const page: CommandPage = {
  name: "fetch",
  brief: "Fetch for an update, without privileges (for systemd's units)",
  description: [
    "Runs the confined child that talks to servers, and nothing else. It takes its orders in frames on standard input and answers on standard output, for the update at the other end of a socket: holdfast-fetch@.service has the network and no rights, holdfast-update.service has the rights and no network. It ends when its standard input does.",
  ],
  examples: [{ input: "fetch", does: "what holdfast-fetch@.service does" }],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    async func(this: CommandThis): Promise<void> {
      await this.cli.becomeFetcher();
    },
  }),
};
