// holdfast repo serve DIR: the repository over HTTP, for trying out and small sites, until Ctrl-C.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CliContext, CommandThis, ServedRequest } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { jsonText } from "../json.ts";
import { portArgument } from "../parse-repo.ts";
import { pathArgument } from "../parse.ts";
import { publisherFor } from "../repo.ts";
import { renderRequest } from "../text/repo-serve.ts";

interface Flags extends CommonFlags {
  readonly address: string;
  readonly port: number;
}

function tell(context: CliContext, json: boolean): (served: ServedRequest) => void {
  return (served) => context.process.stdout.write(json ? jsonText(served) : `${renderRequest(served)}\n`);
}

export const page: CommandPage = {
  name: "repo serve",
  brief: "Serve a repository over HTTP, for trying out and small sites",
  description: [
    "Serves the files of the folder with ranges and ETags, uncompressed, and writes a line for each request: who asked for what, the status and the bytes that were sent. Files whose names begin with a dot are not served, and nothing outside of the folder. Only this machine is answered unless --address says otherwise. Ctrl-C ends it.",
  ],
  examples: [
    { input: "repo serve /srv/os", does: "at port 8000 of this machine" },
    { input: "repo serve /srv/os --address=:: --port=80", does: "for everybody" },
  ],
  command: buildCommand<Flags, [folder: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        address: {
          kind: "parsed",
          parse: String,
          default: "127.0.0.1",
          brief: "Where to listen",
          placeholder: "ADDRESS",
        },
        port: {
          kind: "parsed",
          parse: portArgument,
          default: "8000",
          brief: "0 takes a free one",
          placeholder: "PORT",
        },
        ...commonFlags,
      },
      positional: { kind: "tuple", parameters: [{ parse: pathArgument, placeholder: "DIR", brief: "" }] },
    },
    func: act<Flags, [folder: string]>({ name: "repo serve" }, async (call, flags, argument) => {
      const { context, session } = call;
      const { folder } = publisherFor(call, flags, argument);
      const { address, port } = flags;
      const ended = Promise.withResolvers<void>();
      using stop = { [Symbol.dispose]: context.onInterrupt(() => ended.resolve()) };
      void stop;
      await using server = await context.serveFolder({ folder, address, port, onRequest: tell(context, flags.json) });
      const hello = { url: server.url, folder };
      context.process.stdout.write(flags.json ? jsonText(hello) : `Serving ${folder} at ${server.url} until Ctrl-C.\n`);
      if (!session.signal.aborted) await ended.promise;
      return exit.done;
    }),
  }),
};
