// holdfast repo init DIR: an empty repository, signed.
import { buildCommand } from "@stricli/core";
import type { Disk } from "../../port/disk.ts";
import { howToMakeKey, type SigningKey } from "../../domain/signing-key.ts";
import { readSmall } from "../../port/small-file.ts";
import { initRepository } from "../../publish/init.ts";
import type { RepositorySettings } from "../../wire/repository.ts";
import { act, type Call } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { chunkSizeArgument } from "../parse-repo.ts";
import { pathArgument } from "../parse.ts";
import { numberArgument } from "../parse-simulate.ts";
import { hostPath } from "../place.ts";
import { keepsRepository, publisherFor } from "../repo.ts";
import { renderInit } from "../text/repo.ts";
import { signingWords } from "../signing-words.ts";
import { missing, usageFault } from "../usage-fault.ts";

interface Flags extends CommonFlags {
  readonly key?: string;
  readonly signCommand?: string;
  readonly publicKey?: string;
  readonly expiresDays: number;
  readonly chunkSize: number;
  readonly store: boolean;
  readonly deltas: number;
  readonly keep: number;
  readonly graceDays: number;
}

function keyOf(flags: Flags, workingFolder: string): SigningKey {
  const { key, signCommand, publicKey } = flags;
  if (key === undefined && signCommand === undefined)
    throw missing(
      "repo init",
      "--key",
      `Give --key=FILE, or --sign-command=COMMAND with --public-key=FILE. ${howToMakeKey}`,
    );
  if (key !== undefined && signCommand !== undefined)
    throw usageFault("Cannot sign with both --key and --sign-command", "Leave one of them away.");
  if (key !== undefined) return { kind: "file", path: hostPath(key, workingFolder) };
  const argv = signingWords(signCommand ?? "", workingFolder);
  if (argv.length === 0 || publicKey === undefined)
    throw missing(
      "repo init",
      "--public-key",
      "Give --public-key=FILE, as gpg --export writes it: what the command signs is held against it.",
    );
  return { kind: "command", argv };
}

async function keyringOf({ session, context }: Call, flags: Flags, key: SigningKey): Promise<Uint8Array> {
  const { disk, signer } = session.machine;
  const own = await signer.keyring(key);
  if (own !== undefined) return own;
  return readKeyring(disk, hostPath(flags.publicKey ?? "", context.workingFolder));
}

async function readKeyring(disk: Disk, path: string): Promise<Uint8Array> {
  const bytes = await readSmall(disk, path);
  if (bytes !== undefined) return bytes;
  throw usageFault(`Cannot use the public key ${path}: there is no such file`, "Write it with gpg --export KEY.");
}

function settingsFor(flags: Flags, key: SigningKey, keyring: Uint8Array): RepositorySettings {
  const { chunkSize: avg, expiresDays, store, deltas, keep, graceDays } = flags;
  const chunks = avg === 0 ? {} : { chunks: { min: avg / 4, avg, max: avg * 4 } };
  return { format: 1, key, keyring: keyring.toBase64(), expiresDays, ...chunks, store, deltas, keep, graceDays };
}

const text = { kind: "parsed", optional: true } as const;
const count = (what: string, min: number, max: number, defaultText: string, brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: numberArgument(what, min, max), default: defaultText, brief, placeholder }) as const;

export const page: CommandPage = {
  name: "repo init",
  brief: "Make a repository: a folder of plain files, signed",
  description: [
    "Makes an empty repository that any web server can serve, and that an unmodified systemd-sysupdate, desync or casync can use. The key stays where it is: its path is remembered in DIR/.holdfast, which need not be served.",
    "With --sign-command the key may be in a token or a KMS: the program is started without a shell, reads from its standard input what is to be signed, and writes a detached OpenPGP signature.",
  ],
  examples: [
    { input: "repo init /srv/os --key=key.pgp", does: "a key in a file" },
    { input: "repo init os --sign-command=sign --public-key=me.pgp", does: "a token" },
  ],
  command: buildCommand<Flags, [folder: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        key: { ...text, parse: pathArgument, brief: "OpenPGP secret key that signs", placeholder: "FILE" },
        signCommand: { ...text, parse: String, brief: "Program that signs instead", placeholder: "COMMAND" },
        publicKey: { ...text, parse: pathArgument, brief: "Its public key", placeholder: "FILE" },
        expiresDays: count("a number of days", 1, 3650, "90", "How long clients take an index for fresh", "N"),
        chunkSize: {
          kind: "parsed",
          parse: chunkSizeArgument,
          default: "64K",
          brief: "Average size of chunks; none: no chunks",
          placeholder: "SIZE",
        },
        store: {
          kind: "boolean",
          default: true,
          brief: "A store of chunks for desync and casync as well (--no-store)",
        },
        deltas: count("a number of releases", 0, 20, "2", "From how many releases deltas are made", "N"),
        keep: count("a number of releases", 1, 1000, "5", "How many releases prune leaves", "N"),
        graceDays: count("a number of days", 0, 3650, "7", "How long prune leaves what nothing names", "N"),
        ...commonFlags,
      },
      positional: { kind: "tuple", parameters: [{ parse: pathArgument, placeholder: "DIR", brief: "" }] },
    },
    func: act<Flags, [folder: string]>({ name: "repo init", keeps: keepsRepository }, async (call, flags, folder) => {
      const publisher = publisherFor(call, flags, folder);
      const key = keyOf(flags, call.context.workingFolder);
      const settings = settingsFor(flags, key, await keyringOf(call, flags, key));
      call.print(await initRepository(publisher, settings), renderInit);
      return exit.done;
    }),
  }),
};
