import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as openpgp from "openpgp";
import { signerContract } from "../../port/signer.contract.ts";
import { openpgpVerifier } from "../verifier/openpgp-verifier.ts";
import { nodeSigner } from "./node-signer.ts";

const command = (script: string, ...args: readonly string[]) =>
  ({ kind: "command", argv: [process.execPath, "-e", script, ...args] }) as const;

/** Reads its input to the end, as a program that signs does. */
const signs = `
const openpgp = await import(${JSON.stringify(import.meta.resolve("openpgp"))});
const { readFileSync } = await import("node:fs");
const key = await openpgp.readPrivateKey({ binaryKey: readFileSync(process.argv[1]) });
const message = await openpgp.createMessage({ binary: readFileSync(0) });
process.stdout.write(await openpgp.sign({ message, signingKeys: key, detached: true, format: "binary" }));
`;

signerContract("the host's signer", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-signer-"));
  const { privateKey } = await openpgp.generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ name: "Test" }],
    format: "object",
    date: new Date(Date.now() - 60_000),
  });
  const path = join(folder, "key");
  await writeFile(path, privateKey.write());
  return {
    signer: nodeSigner,
    verifier: openpgpVerifier,
    nowMs: Date.now(),
    file: { kind: "file", path },
    command: command(signs, path),
    missingFile: { kind: "file", path: join(folder, "none") },
    failingCommand: command("process.exit(3)"),
    missingCommand: { kind: "command", argv: ["holdfast-no-such-program"] },
    done: () => rm(folder, { recursive: true }),
  };
});

test("a program that writes nothing, or far too much, has not signed", async () => {
  const text = new Uint8Array(1);
  await assert.rejects(nodeSigner.sign(command(""), text), /it wrote no signature/);
  await assert.rejects(
    nodeSigner.sign(command("process.stdout.write(Buffer.alloc(200_000))"), text),
    /writes more than/,
  );
});

test("what a program complains about is told with its exit code", async () => {
  const key = command("console.error('no token'); process.exit(2)");
  await assert.rejects(nodeSigner.sign(key, new Uint8Array(1)), /it ended with exit code 2 \(no token\)/);
});

test("a key that is not there is told with how to make one", async () => {
  await assert.rejects(nodeSigner.keyring({ kind: "file", path: "/nowhere/key.pgp" }), {
    message: "Cannot sign with the key /nowhere/key.pgp: there is no such file",
    hint: "Make one with: gpg --batch --passphrase '' --quick-gen-key 'Releases' ed25519 sign never; gpg --export-secret-keys Releases > key.pgp",
  });
});
