// Serves one connection to its end: calls are answered one after the other. Whoever sends what is no call, or says nothing
// for too long, loses the connection without an answer, as with systemd 262.
import { Inbox, type Patience, type Timer, usualPatience } from "./inbox.ts";
import { messageBytes, readCall } from "./message.ts";
import type { Service } from "./service.ts";

export interface Connection {
  /** Ends when the other side has closed its end, or is gone. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Bytes that were sent and have not left yet. */
  readonly unsentBytes: () => number;
  /** Throws nothing: that the caller is gone is seen where nothing comes in any more. */
  readonly send: (bytes: Uint8Array) => void;
}

export interface ServeOptions {
  readonly connection: Connection;
  readonly service: Service;
  /** Fires when this process has to end: the call that runs is broken off, and its caller told so. */
  readonly stop: AbortSignal;
  readonly after: Timer;
  readonly patience?: Patience;
}

/** What is on its way to a caller who reads it more slowly than it is made; progress beyond it is left out. */
const unsentBytesMax = 64 * 1024;

/** Returns when the caller is done; throws the Fault that ended the connection before. */
export async function serve(options: ServeOptions): Promise<void> {
  const { connection, service, stop, after, patience = usualPatience } = options;
  const inbox = new Inbox(after, patience);
  void inbox.fill(connection.incoming);
  const close = (): void => inbox.close();
  stop.addEventListener("abort", close);
  try {
    for (let text = await inbox.next(); text !== undefined && !stop.aborted; text = await inbox.next()) {
      const call = readCall(text);
      // What waited for another call is dropped when its caller is gone; of a call of one way that is all one expects.
      if (inbox.gone.aborted && !call.oneway) continue;
      const reply = await service.answer(call, {
        signal: call.oneway ? stop : AbortSignal.any([stop, inbox.gone]),
        send(parameters) {
          if (connection.unsentBytes() <= unsentBytesMax)
            connection.send(messageBytes({ parameters, continues: true }));
        },
      });
      if (!call.oneway) connection.send(messageBytes(reply));
    }
  } finally {
    stop.removeEventListener("abort", close);
    inbox.close();
  }
}
