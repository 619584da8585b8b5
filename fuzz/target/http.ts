// The bytes of a server's answers, connection by connection, parted by a 0x1e byte: headers, lengths, redirects, chunks.
import { ok } from "node:assert/strict";
import { main } from "../../src/adapter/http/http-worker.ts";
import { checkedAnswer } from "../../src/adapter/http/confined-http.ts";
import { serveConnections } from "../fixture/connections.ts";
import { askWorker } from "../fixture/worker-port.ts";
import { decoded, type Target } from "../target.ts";

export const target: Target = {
  name: "http",
  covers: ["src/adapter/http/http-worker.ts"],
  packages: ["undici"],
  lengthMax: 1024,
  seeds: () => [
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nETag: "a"\r\n\r\nbody',
    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-8/9\r\nContent-Length: 4\r\n\r\nbody",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n4\r\nbody\r\n0\r\nx: y\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: /next?a=b\r\nContent-Length: 0\r\n\r\n\x1eHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 301 Moved\r\nLocation: ftp://example.org/\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
  ],
  async run(bytes) {
    using _server = serveConnections(bytes);
    const { said } = await askWorker(main, {
      url: "http://example.org/a",
      method: "GET",
      offset: 5,
      maxBytes: 1 << 20,
    });
    for (const value of said) decoded(() => checkedAnswer(value));
    ok(said.length <= 1);
  },
};
