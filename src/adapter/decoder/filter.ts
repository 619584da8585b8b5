// A decompressor of the system as a filter, confined: standard input to standard output, its verdict as a Fault.
import { Fault } from "../../base/fault.ts";
import type { ChildEnd } from "../confined/byte-streams.ts";
import { ChildBytes } from "../confined/child-bytes.ts";
import { joined } from "../confined/frame.ts";
import { launchProgram, type LaunchOptions } from "../confined/launch.ts";
import { missingTool } from "../process/run-program.ts";

/** setpriv, like a shell, ends with this when there is no such program. */
const notFoundExitCode = 127;

export async function* runFilter(
  [program, ...args]: readonly [string, ...string[]],
  input: AsyncIterable<Uint8Array>,
  options: LaunchOptions,
): AsyncGenerator<Uint8Array> {
  const bytes = new ChildBytes(launchProgram(program, args, options));
  const feeding = feed(bytes, input);
  try {
    for (;;) {
      const chunks = await bytes.read();
      if (chunks.length === 0) break;
      yield joined(chunks);
    }
    const end = await bytes.end;
    const inputError = await feeding;
    if (inputError !== undefined) throw inputError.error;
    if (end.exitCode !== 0) throw filterFault(program, end);
  } finally {
    await bytes.kill();
  }
}

async function feed(
  bytes: ChildBytes,
  input: AsyncIterable<Uint8Array>,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    for await (const piece of input) if (!(await bytes.write([piece]))) return undefined;
    bytes.closeInput();
    return undefined;
  } catch (error) {
    await bytes.kill();
    return { error };
  }
}

function filterFault(program: string, end: ChildEnd): Fault {
  if (end.error?.code === "ENOENT" || end.exitCode === notFoundExitCode) return missingTool(program, end.error);
  const why =
    // bzip2 goes on with advice that is not for us.
    end.stderr.trim().split("\n", 1)[0]?.slice(0, 500) ||
    end.error?.message ||
    `it ended with ${end.signal ?? `exit code ${end.exitCode}`}`;
  // xz and bzip2 in the C locale.
  if (/format not recognized|is not a bzip2 file|file ends unexpectedly.*empty/i.test(why)) {
    return new Fault("not-compressed", "Cannot decompress: it does not begin as what it is said to be", {
      details: { why },
    });
  }
  return new Fault("damaged-archive", `Cannot decompress: ${program} says ${why}`);
}
