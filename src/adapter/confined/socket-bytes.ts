// The byte streams of a confined child that somebody else starts for each connection to a socket: systemd, as
// holdfast-fetch@.service (packaging/systemd). It ends when the connection does.
import { connect, type Socket } from "node:net";
import { ByteStreams, type ChildEnd } from "./byte-streams.ts";

export class SocketBytes extends ByteStreams {
  readonly #socket: Socket;
  readonly end: Promise<ChildEnd>;

  constructor(path: string) {
    const socket = connect({ path });
    super(socket, socket);
    this.#socket = socket;
    let error: NodeJS.ErrnoException | undefined;
    this.end = new Promise((resolve) => {
      socket.on("error", (thrown: NodeJS.ErrnoException) => {
        error ??= thrown;
      });
      socket.on("close", () => {
        this.ended();
        resolve({ exitCode: undefined, signal: undefined, stderr: "", error });
      });
    });
  }

  override setIdle(idle: boolean): void {
    if (idle) this.#socket.unref();
    else this.#socket.ref();
  }

  override async kill(): Promise<void> {
    this.setIdle(false);
    this.#socket.destroy();
    await this.end;
  }
}
