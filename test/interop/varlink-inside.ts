// Runs as root in a machine root (varlink.test.ts): asks systemd's own systemd-sysupdate 262 and Holdfast the same over
// Varlink, then lets other users call Holdfast through a real dbus-daemon and polkitd. Prints what was seen as JSON.
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fatal, questions, type Scene } from "./varlink-questions.ts";

const checkout = join(import.meta.dirname, "../..");
const real: readonly string[] = ["/usr/lib/systemd/systemd-sysupdate"];
const standIn: readonly string[] = ["/tmp/bin/systemd-sysupdate"];
const [alice, bob] = [1000, 1001];
const ownSocket = "/run/holdfast/org.holdfast.Update";
const theirSocket = "/run/systemd/io.systemd.SysUpdate";

export interface Seen {
  /** Of each scene: replies in the order of the questions. */
  readonly scenes: Readonly<Record<Scene, { readonly real: readonly string[]; readonly own: readonly string[] }>>;
  /** What came back for bytes that are no call. */
  readonly fatal: readonly { readonly real: string; readonly own: string }[];
  readonly descriptions: { readonly real: string; readonly own: string };
  /** What varlinkctl said, by what was tried. */
  readonly calls: Readonly<Record<string, string>>;
  /** Command lines of docs/varlink.md, and what they printed. */
  readonly documented: Readonly<Record<string, string>>;
}

/** Starts `command` with one end of a connection, as systemd does, and returns all that comes back. */
function ask(command: readonly string[], sent: string | Uint8Array, replies: number): Promise<string> {
  const start = ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", ...command];
  const env = { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "varlink" };
  const child = spawn("sh", start, { env, stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const socket = child.stdio[3] as unknown as Socket;
  let back = "";
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => {
    back += bytes.toString();
    if (back.split("\0").length > replies) socket.end();
  });
  socket.on("end", () => socket.end());
  socket.write(sent);
  return new Promise((resolve) => child.once("close", () => resolve(back)));
}

async function askAll(command: readonly string[], scene: Scene): Promise<readonly string[]> {
  const asked = questions[scene];
  const back = await ask(command, asked.map((call) => `${JSON.stringify(call)}\0`).join(""), asked.length);
  return back.split("\0").slice(0, -1);
}

function run(command: readonly string[], uid = 0): Promise<{ readonly pid: number; readonly output: Promise<string> }> {
  const drop = uid === 0 ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--"];
  const [program = "", ...args] = [...drop, ...command];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (text += bytes.toString()));
  const output = new Promise<string>((resolve) => child.once("close", (code) => resolve(`${text}exit ${code}`)));
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("spawn", () => resolve({ pid: child.pid ?? 0, output }));
  });
}

function transfer(name: string, more: string): string {
  const source = `[Source]\nType=regular-file\nPath=/var/tmp/source\nMatchPattern=${name}-@v.bin\n`;
  const target = `[Target]\nType=regular-file\nPath=/var/tmp/target\nMatchPattern=${name}-@v.bin\nInstancesMax=2\n`;
  return `[Transfer]\nVerify=no\n${more}\n${source}\n${target}`;
}

function define(): void {
  for (const folder of ["/etc/sysupdate.d", "/etc/sysupdate.comp.d", "/etc/sysupdate.empty.d"]) mkdirSync(folder);
  for (const folder of ["/var/tmp/source", "/var/tmp/target"]) mkdirSync(folder, { recursive: true });
  for (const version of ["v1", "v2"])
    for (const name of ["a", "c"]) writeFileSync(`/var/tmp/source/${name}-${version}.bin`, `${name} ${version}\n`);
  writeFileSync("/etc/sysupdate.d/01-a.transfer", transfer("a", ""));
  writeFileSync("/etc/sysupdate.d/99-b.transfer", transfer("b", "Features=opt\n"));
  writeFileSync("/etc/sysupdate.comp.d/01-c.transfer", transfer("c", ""));
  const about =
    "Description=An optional part\nDocumentation=https://example.com/doc\nAppStream=https://example.com/a.xml\n";
  writeFileSync("/etc/sysupdate.d/opt.feature", `[Feature]\n${about}Enabled=no\n`);
  writeFileSync("/etc/sysupdate.d/plain.feature", "[Feature]\nEnabled=yes\n");
}

/** The bus, without which systemd's own does not check anything, also for root. */
async function startBus(): Promise<void> {
  const users = ["messagebus:x:100:100", "polkitd:x:101:101", `alice:x:${alice}:${alice}`, `bob:x:${bob}:${bob}`];
  for (const line of users) {
    appendFileSync("/etc/passwd", `${line}::/:/bin/false\n`);
    appendFileSync("/etc/group", `${line.split(":").slice(0, 2).join(":")}:${line.split(":")[3]}:\n`);
  }
  mkdirSync("/run/dbus");
  await (await run(["dbus-daemon", "--system", "--fork"])).output;
}

async function startPolkit(): Promise<ChildProcess> {
  copyFileSync(
    join(checkout, "packaging/polkit/org.holdfast.policy"),
    "/usr/share/polkit-1/actions/org.holdfast.policy",
  );
  mkdirSync("/etc/polkit-1/rules.d", { recursive: true });
  const rules = [
    'if (subject.user == "alice" && action.id == "org.holdfast.update") return "yes";',
    'if (subject.user == "bob") return "no";',
  ];
  writeFileSync(
    "/etc/polkit-1/rules.d/50-test.rules",
    `polkit.addRule(function (action, subject) {${rules.join("\n")}});\n`,
  );
  const polkit = spawn("/usr/lib/polkit-1/polkitd", ["--no-debug"], { stdio: "ignore" });
  const probe = ["pkcheck", "--action-id", "org.holdfast.look", "--process", String(process.pid)];
  for (let tries = 0; !(await (await run(probe)).output).endsWith("exit 0"); tries += 1) {
    if (tries === 200) throw new Error("polkitd does not answer");
    await delay(50);
  }
  return polkit;
}

interface Client {
  readonly uid: number;
  /** Who systemd would say it is; otherwise who it is. */
  readonly peer?: (pid: number) => string;
}

/** Accepts connections as the socket unit does: a process for each, told whose it is. */
class SocketUnit {
  readonly #path: string;
  readonly #server: Server;
  readonly #interface: string;
  #instance: Promise<string> = Promise.resolve("");

  /** `path` is named after the interface. */
  constructor(path: string) {
    this.#path = path;
    this.#interface = basename(path);
    this.#server = createServer({ pauseOnConnect: true }, (socket) => void this.#start(socket));
  }

  async #start(socket: Socket): Promise<void> {
    const env = { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "varlink" };
    const command = [
      `${checkout}/bin/holdfast`,
      "varlink",
      `--interface=${this.#interface}`,
      `--peer=${await this.#instance}`,
    ];
    const start = ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", ...command];
    spawn("sh", start, { env, stdio: ["ignore", "inherit", "inherit", socket] });
    socket.destroy();
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) =>
      this.#server.listen({ path: this.#path, writableAll: true, readableAll: true }, resolve),
    );
  }

  /** What varlinkctl prints for one call of our own interface. */
  async call(client: Client, ...args: readonly string[]): Promise<string> {
    const [method = "", parameters = "{}", ...options] = args;
    const command = [
      "varlinkctl",
      "--json=short",
      ...options,
      "call",
      this.#path,
      `org.holdfast.Update.${method}`,
      parameters,
    ];
    return this.run(client, command);
  }

  /** What a program prints that makes one connection. */
  async run({ uid, peer }: Client, command: readonly string[]): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#instance = promise;
    const { pid, output } = await run(command, uid);
    resolve(peer?.(pid) ?? `0-${pid}-${uid}`);
    return output;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function otherUsers(): Promise<Readonly<Record<string, string>>> {
  const calls: Record<string, string> = {};
  const unit = new SocketUnit(ownSocket);
  await unit.listen();
  const [a, b, root] = [{ uid: alice }, { uid: bob }, { uid: 0 }];
  calls["without polkit, a user looks"] = await unit.call(a, "History");
  calls["without polkit, root looks"] = await unit.call(root, "History");
  const polkit = await startPolkit();
  calls["a user looks"] = await unit.call(a, "Status");
  calls["a user rolls back"] = await unit.call(a, "Rollback");
  calls["a user rolls back, and may be asked"] = await unit.call(
    a,
    "Rollback",
    '{"allowInteractiveAuthentication":true}',
  );
  calls["a user names a version"] = await unit.call(a, "Update", '{"version":"v1"}');
  calls["a user whom a rule forbids it looks"] = await unit.call(b, "Status");
  calls["a process of another user than systemd noted"] = await unit.call(
    { uid: bob, peer: (pid) => `0-${pid}-${alice}` },
    "Update",
  );
  calls["a process that is not there any more"] = await unit.call(
    { uid: bob, peer: () => `0-4000000-${alice}` },
    "Update",
  );
  calls["nobody knows who"] = await unit.call({ uid: bob, peer: () => "0-unknown" }, "Update");
  calls["a user whom a rule allows it updates"] = await unit.call(a, "Update", "{}", "--more");
  calls["root asks what happened"] = await unit.call(root, "History");
  polkit.kill();
  await unit.close();
  return calls;
}

/** The examples of the page, in its order, with a version that is not here yet. */
async function documented(): Promise<Readonly<Record<string, string>>> {
  const seen: Record<string, string> = {};
  for (const name of ["a", "c"]) writeFileSync(`/var/tmp/source/${name}-v3.bin`, `${name} v3\n`);
  const units = [new SocketUnit(ownSocket), new SocketUnit(theirSocket)];
  for (const unit of units) await unit.listen();
  const [own, theirs] = units;
  const page = readFileSync(join(checkout, "docs/varlink.md"), "utf8");
  for (const [, command = ""] of page.matchAll(/^# (varlinkctl .+)$/gm)) {
    const unit = command.includes(theirSocket) ? theirs : own;
    seen[command] = (await unit?.run({ uid: 0 }, ["sh", "-c", `exec ${command}`])) ?? "";
  }
  for (const unit of units) await unit.close();
  return seen;
}

function prepare(): void {
  for (const folder of ["/tmp/bin", "/run/holdfast", "/run/systemd"]) mkdirSync(folder, { recursive: true });
  writeFileSync(standIn[0] ?? "", `#!/bin/sh\nexec ${checkout}/bin/holdfast sysupdate "$@"\n`, { mode: 0o755 });
}

async function look(): Promise<Seen> {
  prepare();
  await startBus();
  const both = async (scene: Scene): Promise<{ real: readonly string[]; own: readonly string[] }> => ({
    real: await askAll(real, scene),
    own: await askAll(standIn, scene),
  });
  const empty = await both("nothing is defined");
  define();
  const defined = await both("there are versions, features and components");
  const describe =
    '{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"io.systemd.SysUpdate"}}\0';
  const descriptions = { real: await ask(real, describe, 1), own: await ask(standIn, describe, 1) };
  const refused: { real: string; own: string }[] = [];
  for (const bytes of fatal) refused.push({ real: await ask(real, bytes, 1), own: await ask(standIn, bytes, 1) });
  const calls = await otherUsers();
  const done = await both("everything is here");
  const examples = await documented();
  return {
    scenes: {
      "nothing is defined": empty,
      "there are versions, features and components": defined,
      "everything is here": done,
    },
    fatal: refused,
    descriptions,
    calls,
    documented: examples,
  };
}

console.log(`\nSEEN ${JSON.stringify(await look())}`);
process.exit();
