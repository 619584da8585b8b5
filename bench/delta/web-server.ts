// The web server of the benches of deltas: `web-server.ts FOLDER`, in a process of its own so that its work is nobody's.
// It serves what every peer asks for (ranges, also several in one answer) and counts; a line on its input is answered
// with the counts since the line before.
import { open, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { createInterface } from "node:readline";

/** Of all requests together. */
export interface Traffic {
  readonly requests: number;
  /** Of the bodies that went out. */
  readonly bytes: number;
}

interface Range {
  readonly first: number;
  readonly length: number;
}

const readBytes = 1 << 20;
const maxRanges = 10_000;
const boundary = "holdfast-bench-boundary";
const closing = `\r\n--${boundary}--\r\n`;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("web-server.ts needs a folder");
let requests = 0;
let bytes = 0;

const server = createServer((request, response) => {
  requests += 1;
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
for await (const _line of createInterface(process.stdin)) {
  const traffic: Traffic = { requests, bytes };
  [requests, bytes] = [0, 0];
  console.log(JSON.stringify(traffic));
}
server.closeAllConnections();
server.close();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(folder ?? "", normalize(decodeURIComponent(new URL(request.url ?? "/", "http://host/").pathname)));
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return void response.writeHead(404, { "Content-Length": 0 }).end();
  const { size } = found;
  const common = {
    "Accept-Ranges": "bytes",
    ETag: `"${size}-${found.mtimeMs}"`,
    "Last-Modified": found.mtime.toUTCString(),
  };
  const ranges = rangesOf(request.headers.range, size);
  if (ranges?.length === 0)
    return void response.writeHead(416, { ...common, "Content-Range": `bytes */${size}`, "Content-Length": 0 }).end();
  const [only] = ranges ?? [{ first: 0, length: size }];
  const multiple = ranges !== undefined && ranges.length > 1;
  const contentRange = ({ first, length }: Range): string => `bytes ${first}-${first + length - 1}/${size}`;
  if (multiple) {
    const type = `multipart/byteranges; boundary=${boundary}`;
    response.writeHead(206, {
      ...common,
      "Content-Type": type,
      "Content-Length": multipartLength(ranges, contentRange),
    });
  } else if (ranges === undefined) response.writeHead(200, { ...common, "Content-Length": size });
  else if (only !== undefined)
    response.writeHead(206, { ...common, "Content-Length": only.length, "Content-Range": contentRange(only) });
  if (request.method === "HEAD") return void response.end();
  await using file = await open(path);
  for (const range of ranges ?? [{ first: 0, length: size }]) {
    if (multiple) await send(response, Buffer.from(partHead(contentRange(range))));
    for (let sent = 0; sent < range.length; ) {
      const buffer = Buffer.allocUnsafe(Math.min(readBytes, range.length - sent));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, range.first + sent);
      if (bytesRead === 0) throw new Error(`${path} became shorter`);
      await send(response, buffer.subarray(0, bytesRead));
      sent += bytesRead;
    }
  }
  if (multiple) await send(response, Buffer.from(closing));
  response.end();
}

function partHead(contentRange: string): string {
  return `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: ${contentRange}\r\n\r\n`;
}

function multipartLength(ranges: readonly Range[], contentRange: (range: Range) => string): number {
  return ranges.reduce((sum, range) => sum + partHead(contentRange(range)).length + range.length, closing.length);
}

async function send(response: ServerResponse, part: Uint8Array): Promise<void> {
  bytes += part.length;
  if (response.write(part)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      if (response.destroyed) reject(new Error("the client went away"));
      else resolve();
    };
    response.once("drain", settle).once("close", settle);
  });
}

/** `undefined`: the whole file; empty: none of them is in the file. */
function rangesOf(header: string | undefined, size: number): readonly Range[] | undefined {
  const list = /^bytes=(.+)$/.exec(header ?? "")?.[1]?.split(",");
  if (list === undefined || list.length > maxRanges) return undefined;
  return list.flatMap((text) => {
    const [, from = "", to = ""] = /^\s*(\d*)-(\d*)\s*$/.exec(text) ?? [];
    const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
    const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
    return first <= last ? [{ first, length: last - first + 1 }] : [];
  });
}
