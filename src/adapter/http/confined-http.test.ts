import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Fault } from "../../base/fault.ts";
import { bodyOf, httpContract } from "../../port/http.contract.ts";
import { confinedHttp, type ConfinedHttpOptions } from "./confined-http.ts";
import { opened, scripted, serve } from "./scripted-server.fixture.ts";

const isRoot = process.getuid?.() === 0;
const make = (more: Partial<ConfinedHttpOptions> = {}): ReturnType<typeof confinedHttp> =>
  confinedHttp({ isRoot, version: "1.2.3", env: {}, ...more });
const get = (url: string): { url: string; method: "GET"; maxBytes: number } => ({
  url,
  method: "GET",
  maxBytes: 1_000_000,
});
const text = async (body: AsyncIterable<Uint8Array>): Promise<string> => Buffer.from(await bodyOf(body)).toString();

async function fault(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => assert.fail("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Fault, String(error));
  return error;
}

httpContract("confinedHttp", async (answers) => {
  const server = await serve(scripted(answers));
  const http = make();
  return {
    http,
    base: server.base,
    async done() {
      await http[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

test("a server that stalls, before or within its answer, is timed out; a slow reader is not", async () => {
  await using server = await serve((request, response) => {
    if (request.url === "/silent") return;
    response.writeHead(200, { "content-length": 3_000_000 });
    if (request.url === "/whole") response.end(Buffer.alloc(3_000_000));
    else response.write("abc");
  });
  await using http = make({ headersTimeoutMs: 300, bodyTimeoutMs: 300 });
  assert.equal((await fault(http.request(get(`${server.base}/silent`)))).code, "timed-out");
  const stalled = await http.request(get(`${server.base}/stalls`));
  assert.equal((await fault(bodyOf(stalled.body))).code, "timed-out");
  const whole = await http.request({ ...get(`${server.base}/whole`), maxBytes: 3_000_000 });
  await after(2500);
  assert.equal((await bodyOf(whole.body)).length, 3_000_000);
});

test("a server that sends next to nothing is timed out, and one whose reader takes its time is not", async () => {
  await using server = await serve((request, response) => {
    if (request.url === "/whole") return response.end(Buffer.alloc(900_000));
    const drip = setInterval(() => response.write("a"), 20);
    return response.once("close", () => clearInterval(drip));
  });
  await using http = make({ trickleMs: 300 });
  const trickling = await http.request(get(`${server.base}/trickle`));
  const { code, retriable } = await fault(bodyOf(trickling.body));
  assert.deepEqual([code, retriable], ["timed-out", true]);
  const whole = await http.request(get(`${server.base}/whole`));
  let bytes = 0;
  for await (const piece of whole.body) {
    bytes += piece.length;
    await after(200);
  }
  assert.equal(bytes, 900_000);
});

test("fewer bytes than announced, no HTTP, headers without end, no server and no host each have their name", async () => {
  const babble = createServer((socket) => {
    socket.once("data", (request: Buffer) => {
      if (request.includes("/short")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
      else if (request.includes("/endless")) socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}\r\n\r\n`);
      else socket.end("220 ftp ready\r\n");
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => babble.listen(0, "127.0.0.1", resolve));
  const address = babble.address();
  assert.ok(typeof address === "object" && address !== null);
  const base = `http://127.0.0.1:${address.port}`;
  await using http = make();
  const shortened = await http.request(get(`${base}/short`));
  assert.equal((await fault(bodyOf(shortened.body))).code, "connection-lost");
  assert.equal((await fault(http.request(get(`${base}/endless`)))).code, "bad-answer");
  assert.equal((await fault(http.request(get(`${base}/ftp`)))).code, "bad-answer");
  babble.close();
  assert.equal((await fault(http.request(get(`${base}/`)))).code, "connection-lost");
  const nobody = await fault(http.request(get("http://no-such-host.invalid/x")));
  assert.deepEqual(
    [nobody.code, nobody.message.startsWith("Cannot fetch http://no-such-host.invalid/x: ")],
    ["unknown-host", true],
  );
});

test("a password goes to its own server only and never into a message or an address", async () => {
  await using other = await serve((request, response) => response.end(String(request.headers.authorization)));
  await using server = await serve((request, response) => {
    if (request.url === "/away") response.writeHead(302, { location: `${other.base}/` }).end();
    else if (request.url?.startsWith("/cut") === true) response.destroy();
    else response.end(String(request.headers.authorization));
  });
  await using http = make();
  const secret = server.base.replace("//", "//me:pass%2Fword@");
  const own = await http.request(get(`${secret}/`));
  assert.deepEqual(
    [await text(own.body), own.url],
    [`Basic ${Buffer.from("me:pass/word").toString("base64")}`, `${server.base}/`],
  );
  assert.equal(await text((await http.request(get(`${secret}/away`))).body), "undefined");
  const lost = await fault(http.request(get(`${secret}/cut?token=abc`)));
  assert.doesNotMatch(JSON.stringify([lost.message, lost.hint, lost.details, String(lost.cause)]), /pass|token/);
  assert.equal(server.requests[0]?.headers["user-agent"], "holdfast/1.2.3");
  assert.equal(server.requests[0]?.headers["accept-encoding"], "identity");
});

test("proxies are taken from the environment, and no_proxy keeps out of them", async () => {
  await using server = await serve((_, response) => response.end("direct"));
  await using proxy = await serve((request, response) => response.end(`proxied ${request.url}`));
  for (const [env, expected] of [
    [{ http_proxy: proxy.base }, `proxied ${server.base}/x`],
    [{ HTTP_PROXY: proxy.base }, `proxied ${server.base}/x`],
    [{ https_proxy: proxy.base }, "direct"],
    [{ http_proxy: proxy.base, no_proxy: "127.0.0.1" }, "direct"],
  ] as const) {
    await using http = make({ env });
    assert.equal(await text((await http.request(get(`${server.base}/x`))).body), expected, JSON.stringify(env));
  }
});

test("TLS is checked against the certificates that the environment names, also through a proxy", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-tls-"));
  try {
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const made = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      key,
      "-out",
      certificate,
    ];
    try {
      await promisify(execFile)("openssl", [
        ...made,
        "-days",
        "2",
        "-subj",
        "/CN=test",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
      ]);
    } catch (error) {
      context.skip(`openssl cannot make a certificate here: ${String(error)}`);
      return;
    }
    await using plain = await serve((_, response) => response.end("plain"));
    const secure = createTlsServer(
      { key: await readFile(key), cert: await readFile(certificate) },
      (request, response) => {
        if (request.url === "/down") response.writeHead(302, { location: `${plain.base}/` }).end();
        else response.end("secure");
      },
    );
    await using server = await opened(secure, "https", []);
    // A proxy that only tunnels.
    const tunnel = createServer((socket) => {
      socket.once("data", (head: Buffer) => {
        const port = /^CONNECT 127\.0\.0\.1:(\d+) /.exec(head.toString("latin1"))?.[1];
        const onward = connect(Number(port), "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
        socket.pipe(onward).pipe(socket);
        for (const end of [socket, onward]) end.on("error", () => undefined);
      });
    });
    await new Promise<void>((resolve) => tunnel.listen(0, "127.0.0.1", resolve));
    const address = tunnel.address();
    assert.ok(typeof address === "object" && address !== null);

    for (const env of [
      { SSL_CERT_FILE: certificate },
      { NODE_EXTRA_CA_CERTS: certificate },
      { SSL_CERT_FILE: certificate, https_proxy: `http://127.0.0.1:${address.port}` },
    ]) {
      await using http = make({ env });
      assert.equal(await text((await http.request(get(`${server.base}/`))).body), "secure", JSON.stringify(env));
      assert.equal((await fault(http.request(get(`${server.base}/down`)))).code, "refused-url");
    }
    tunnel.close();
    await using strict = make();
    const refused = await fault(strict.request(get(`${server.base}/`)));
    assert.deepEqual([refused.code, refused.retriable], ["tls-failed", false]);
    await using unreadable = make({ env: { SSL_CERT_FILE: join(folder, "none") } });
    assert.match((await fault(unreadable.request(get(`${server.base}/`)))).message, /SSL_CERT_FILE/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Processes whose command line names the worker and whose parent is `parent`. */
async function workersOf(parent: number): Promise<readonly { readonly pid: number; readonly status: string }[]> {
  const found: { pid: number; status: string }[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (command.includes("worker.ts") && new RegExp(`^PPid:\\t${parent}$`, "m").test(status))
      found.push({ pid: Number(pid), status });
  }
  return found;
}

test("the child that fetches has no privileges left, and none to gain", async () => {
  await using server = await serve(scripted({ "/a": { body: Buffer.from("a") } }));
  await using http = make();
  await bodyOf((await http.request(get(`${server.base}/a`))).body);
  const [worker] = await workersOf(process.pid);
  assert.ok(worker !== undefined);
  if (!isRoot) return;
  assert.match(worker.status, /^Uid:\t65534\t65534\t65534\t65534$/m);
  assert.match(worker.status, /^Gid:\t65534\t65534\t65534\t65534$/m);
  assert.match(worker.status, /^CapEff:\t0+$/m);
  assert.match(worker.status, /^CapPrm:\t0+$/m);
  assert.match(worker.status, /^NoNewPrivs:\t1$/m);
});

test("sources that only root can read are no obstacle: all is read before the privileges go", async (context) => {
  if (!isRoot) {
    context.skip("only root has privileges to give up");
    return;
  }
  await using server = await serve(scripted({ "/a": { body: Buffer.from("a") } }));
  const folder = await mkdtemp(join(tmpdir(), "holdfast-private-"));
  try {
    const project = fileURLToPath(new URL("../../..", import.meta.url));
    for (const part of ["src", "package.json", "node_modules/undici"])
      await cp(join(project, part), join(folder, part), { recursive: true });
    await chmod(folder, 0o700);
    const script = `
      const { confinedHttp } = await import(${JSON.stringify(pathToFileURL(join(folder, "src/adapter/http/confined-http.ts")).href)});
      await using http = confinedHttp({ isRoot: true, version: "0", env: {} });
      for await (const piece of (await http.request(${JSON.stringify(get(`${server.base}/a`))})).body) console.log(String(piece));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    assert.equal(stdout, "a\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the child ends when its parent is killed", async () => {
  await using server = await serve(scripted({ "/stall": { body: Buffer.alloc(9999), stallAfterBytes: 9 } }));
  const module = new URL("confined-http.ts", import.meta.url).href;
  const script = `
    const { confinedHttp } = await import(${JSON.stringify(module)});
    await confinedHttp({ isRoot: ${isRoot}, version: "0", env: {} }).request(${JSON.stringify(get(`${server.base}/stall`))});
    console.log("stalled");
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(parent.stdout, "data");
  const [worker] = await workersOf(parent.pid ?? 0);
  assert.ok(worker !== undefined);
  parent.kill("SIGKILL");
  for (let tries = 0; ; tries += 1) {
    const command = await readFile(`/proc/${worker.pid}/cmdline`, "utf8").catch(() => "");
    if (!command.includes("worker.ts")) return;
    assert.ok(tries < 100, "the child is still there");
    await after(50);
  }
});
