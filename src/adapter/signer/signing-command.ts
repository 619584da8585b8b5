// A program that signs: text in at its standard input, a detached signature out. Tokens ask for a touch, so it may take a while.
import { spawn } from "node:child_process";
import { Fault } from "../../base/fault.ts";
import { missingTool } from "../process/run-program.ts";

const timeoutMs = 300_000;
const signatureBytesMax = 64 << 10;
const messageBytesMax = 4096;

/** Its standard error goes through: that is where it asks for a PIN or a touch. */
export function signWithCommand(argv: readonly string[], text: Uint8Array): Promise<Uint8Array> {
  const [program = "", ...args] = argv;
  const cannot = (state: string, cause?: unknown): Fault =>
    new Fault("cannot-sign", `Cannot sign with ${program}: ${state}`, {
      hint: "Run the command by hand: it is to read the text from standard input and write a detached OpenPGP signature.",
      cause,
    });
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    const pieces: Buffer[] = [];
    const messages: Buffer[] = [];
    let room = signatureBytesMax;
    let messageRoom = messageBytesMax;
    let why: string | undefined;
    const stop = (state: string): void => {
      why ??= state;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => stop(`no end after ${timeoutMs / 1000} seconds`), timeoutMs);
    child.stdout.on("data", (piece: Buffer) => {
      room -= piece.length;
      if (room < 0) stop("it writes more than a signature");
      else pieces.push(piece);
    });
    child.stderr.on("data", (piece: Buffer) => {
      process.stderr.write(piece);
      if (messageRoom > 0) messages.push(piece.subarray(0, messageRoom));
      messageRoom -= piece.length;
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(text);
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error.code === "ENOENT" ? missingTool(program, error) : cannot(error.code ?? error.message, error));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const said = Buffer.concat(messages).toString("utf8").trim().split("\n").at(-1) ?? "";
      const ended = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
      if (why !== undefined) reject(cannot(why));
      else if (code !== 0) reject(cannot(said === "" ? ended : `${ended} (${said})`));
      else if (pieces.length === 0) reject(cannot("it wrote no signature"));
      else resolve(Buffer.concat(pieces));
    });
  });
}
