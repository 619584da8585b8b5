// Tests: a listener for datagrams on a unix socket, which Node cannot be: Perl's, which every Debian has.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const script = `
use Socket;
use IO::Handle;
STDOUT->autoflush(1);
my $path = $ARGV[0];
$path =~ s/^@/\\0/;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($socket, pack_sockaddr_un($path)) or die $!;
print "ready\\n";
while (defined(recv($socket, my $message, 1 << 20, 0))) { print unpack("H*", $message), "\\n" }
`;

export interface Listener extends AsyncDisposable {
  /** Each datagram as it came. */
  readonly messages: readonly Buffer[];
  /** When a datagram has come that has this text in it. */
  heard(text: string): Promise<void>;
}

/** `address`: a path, or `@name` in the abstract name space. */
export async function listenAt(address: string): Promise<Listener> {
  const child = spawn("perl", ["-e", script, address], { stdio: ["ignore", "pipe", "inherit"] });
  const messages: Buffer[] = [];
  const waiting: { readonly text: string; readonly done: () => void }[] = [];
  const lines = createInterface(child.stdout);
  await once(lines, "line");
  lines.on("line", (line) => {
    const message = Buffer.from(line, "hex");
    messages.push(message);
    for (const { text, done } of waiting) if (message.includes(text)) done();
  });
  return {
    messages,
    heard: (text) =>
      messages.some((message) => message.includes(text))
        ? Promise.resolve()
        : new Promise((done) => void waiting.push({ text, done })),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "close");
      child.kill();
      await ended;
    },
  };
}
