// What systemd does for holdfast-fetch.socket, without systemd: listens, and starts `holdfast fetch` for each connection
// with the connection as its standard input and output.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { program } from "../e2e/run.ts";

export class FetchUnit implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #children: ChildProcess[] = [];

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
  }

  static async listen(path: string): Promise<FetchUnit> {
    const server = createServer({ pauseOnConnect: true });
    const unit = new FetchUnit(path, server);
    server.on("connection", (connection) => {
      const child = spawn(program, ["fetch"], {
        cwd: "/",
        env: { PATH: process.env["PATH"] },
        stdio: [connection, connection, "ignore"],
      });
      unit.#children.push(child);
      connection.destroy();
    });
    server.listen(path);
    await once(server, "listening");
    return unit;
  }

  /** How many were started. */
  get started(): number {
    return this.#children.length;
  }

  get running(): readonly ChildProcess[] {
    return this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  }

  /** Until all that were started have ended by themselves. */
  async quiet(): Promise<void> {
    await Promise.all(this.running.map((child) => once(child, "close")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.running) child.kill("SIGKILL");
    await this.quiet();
    this.#server.close();
    await once(this.#server, "close");
  }
}
