// A person's bus with a notification service on it, made of the real programs: dbus-daemon, someone who answers every
// call, and dbus-monitor to see what was said.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMissing, ensureTools, type Tools } from "../../tools/toolbox/toolbox.ts";

const config = (
  folder: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=${folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

export const desktopTools: Tools = await ensureTools([
  "dbus-daemon",
  "dbus-monitor",
  "dbus-test-tool",
  "busctl",
  "gdbus",
]);

/** Why there can be no such bus here. */
export const noDesktopBus: string | false =
  desktopTools.missing.length === 0 ? false : describeMissing(desktopTools.missing).join(" ");

export class DesktopBus implements AsyncDisposable {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];
  #heard = "";
  readonly #waiting: (() => void)[] = [];
  address = "";

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(): Promise<DesktopBus> {
    const bus = new DesktopBus(await mkdtemp(join(tmpdir(), "holdfast-bus-")));
    const file = join(bus.folder, "bus.conf");
    await writeFile(file, config(bus.folder));
    const daemon = bus.#start("dbus-daemon", [`--config-file=${file}`, "--nofork", "--print-address=1"]);
    const [line] = await once(daemon.stdout?.setEncoding("utf8") ?? daemon, "data");
    bus.address = String(line).trim();
    bus
      .#start("dbus-monitor", ["--address", bus.address])
      .stdout?.setEncoding("utf8")
      .on("data", (text: string) => {
        bus.#heard += text;
        for (const look of bus.#waiting) look();
      });
    await bus.heard("NameLost");
    return bus;
  }

  /** Somebody answers for the notification service from now on. */
  async serve(): Promise<void> {
    this.#start("dbus-test-tool", ["echo", "--name=org.freedesktop.Notifications"]);
    await this.heard('string "org.freedesktop.Notifications"\n   string ""\n   string ":');
  }

  #start(program: string, args: readonly string[]): ChildProcess {
    const env = { PATH: process.env["PATH"], DBUS_SESSION_BUS_ADDRESS: this.address };
    const child = spawn(desktopTools.path(program), args, { env, stdio: ["ignore", "pipe", "ignore"] });
    this.#children.unshift(child);
    return child;
  }

  /** When what was said on the bus has this text in it. */
  async heard(text: string): Promise<void> {
    if (this.#heard.includes(text)) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(() => this.#heard.includes(text) && resolve());
    });
  }

  /** Strings and numbers of every Notify, in order. */
  notified(): readonly (readonly string[])[] {
    return this.#heard
      .split(/^(?=\S)/m)
      .filter((message) => message.includes("member=Notify\n"))
      .map((message) => [...message.matchAll(/^ +(?:string "(.*)"|\w+32 (-?\d+)|variant +byte (\d+))$/gm)])
      .map((found) => found.map(([, text, number, byte]) => text ?? number ?? byte ?? ""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      const ended = once(child, "exit");
      if (child.kill()) await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
