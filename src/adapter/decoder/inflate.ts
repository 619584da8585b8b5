// The common part of the workers that decompress with node:zlib: frames in, frames out, back pressure both ways.
import { once } from "node:events";
import type { Transform } from "node:stream";
import { Fault } from "../../base/fault.ts";
import type { WorkerPort } from "../confined/worker.ts";

export const outputPieceBytes: number = 256 * 1024;

/** Zlib's ways to say that the very beginning is something else. */
const wrongKind = new Set(["Z_DATA_ERROR incorrect header check", "ZSTD_error_prefix_unknown"]);

function decodeFault(error: unknown, begun: boolean): Fault {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (!begun && (wrongKind.has(code) || wrongKind.has(`${code} ${message}`))) {
    return new Fault("not-compressed", "Cannot decompress: it does not begin as what it is said to be");
  }
  return new Fault("damaged-archive", `Cannot decompress: ${message || code}`);
}

export async function inflate(port: WorkerPort, decoder: Transform): Promise<void> {
  let failed: unknown;
  decoder.on("error", (error) => {
    failed = error;
  });
  let begun = false;
  const feeding = feed(port, decoder);
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      begun = true;
      await port.data(chunk);
    }
  } catch (error) {
    throw decodeFault(failed ?? error, begun);
  }
  await feeding;
  await port.end();
}

async function feed(port: WorkerPort, decoder: Transform): Promise<void> {
  for (;;) {
    const frame = await port.next();
    if (decoder.destroyed) return;
    if (frame.kind !== "data") break;
    // An error destroys the decoder, and `close` ends the wait.
    if (!decoder.write(frame.bytes))
      await Promise.race([once(decoder, "drain"), once(decoder, "close")]).catch(() => undefined);
  }
  decoder.end();
}
