// What can be wrong with a secure connection: servers that a well one sends to for one resource.
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { FaultServer } from "../../../../tools/lab/fault-server.ts";
import { type LabTls, makeTls } from "../../../../tools/lab/tls.ts";

export interface TlsFault {
  readonly name: string;
  /** It takes time-outs to find out. */
  readonly slow?: true;
  start(folder: string, well: LabTls): Promise<BadServer>;
}

export interface BadServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
}

/** Certificates of these two come from the authority that the machine trusts. */
async function served(folder: string, tls: LabTls): Promise<BadServer> {
  return FaultServer.start(folder, { tls });
}

export const tlsFaults: readonly TlsFault[] = [
  {
    name: "a certificate that ended yesterday",
    start: async (folder, well) => served(folder, await makeTls({ expired: true }, well)),
  },
  {
    name: "a certificate for another host",
    start: async (folder, well) => served(folder, await makeTls({ names: "DNS:elsewhere.example" }, well)),
  },
  { name: "a certificate of an authority nobody knows", start: async (folder) => served(folder, await makeTls()) },
  {
    name: "the handshake cut",
    start: async () => raw((socket) => void socket.once("data", () => socket.destroy())),
  },
  {
    name: "plain HTTP in place of the handshake",
    start: async () =>
      raw(
        (socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")),
      ),
  },
  { name: "no answer to the handshake", slow: true, start: async () => raw((socket) => void socket.resume()) },
  { name: "a record cut in the middle", start: cutting },
];

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function raw(answer: (socket: Socket) => void): Promise<BadServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined).on("close", () => sockets.delete(socket)));
    answer(socket);
  });
  const port = await listen(server);
  return {
    url: `https://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** After the request has gone in, so much comes back: the tickets of the session, and the beginning of the answer. */
const answerBytes = 700;

/** A well server, seen through a line that breaks within its answer. */
async function cutting(folder: string, well: LabTls): Promise<BadServer> {
  const inner = await FaultServer.start(folder, { tls: well });
  const outer = await raw((socket) => {
    let sentByClient = 0;
    let left = answerBytes;
    const line = connect(inner.port, "127.0.0.1");
    line.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => line.destroy());
    socket.on("data", (bytes) => {
      sentByClient += 1;
      line.write(bytes);
    });
    line.on("data", (bytes: Buffer) => {
      if (sentByClient < 2) return void socket.write(bytes);
      const part = bytes.subarray(0, left);
      left -= part.length;
      if (left > 0) socket.write(part);
      else socket.end(part, () => socket.destroy());
    });
  });
  return {
    url: outer.url,
    [Symbol.asyncDispose]: async () => {
      await outer[Symbol.asyncDispose]();
      await inner[Symbol.asyncDispose]();
    },
  };
}
