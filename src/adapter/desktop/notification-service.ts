// The Desktop by org.freedesktop.Notifications on the user's own bus, called with busctl, or gdbus where that is not there.
// Source: Desktop Notifications Specification 1.2.
import { Fault } from "../../base/fault.ts";
import type { Desktop, DesktopFaultCode, DesktopMessage } from "../../port/desktop.ts";
import { runProgram } from "../process/run-program.ts";

export interface NotificationOptions {
  /** DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR say where the bus is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The first that is there is used. */
  readonly programs?: readonly ("busctl" | "gdbus")[];
}

const service = "org.freedesktop.Notifications";
const path = "/org/freedesktop/Notifications";
const icon = "system-software-update";
const waitSeconds = 5;

/** Calls a method with arguments in the caller's notation, and returns what is printed. */
interface Caller {
  readonly program: string;
  readonly capabilities: readonly string[];
  readonly notify: (message: DesktopMessage) => readonly string[];
}

const busctl: Caller = {
  program: "busctl",
  capabilities: ["--user", `--timeout=${waitSeconds}`, "--", "call", service, path, service, "GetCapabilities"],
  notify: ({ summary, body, urgent }) => [
    "--user",
    `--timeout=${waitSeconds}`,
    "--",
    "call",
    service,
    path,
    service,
    "Notify",
    "susssasa{sv}i",
    "Holdfast",
    "0",
    icon,
    summary,
    body,
    "0",
    "1",
    "urgency",
    "y",
    urgent ? "2" : "1",
    urgent ? "0" : "-1",
  ],
};

/** A string in GVariant's text format. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

const gdbusCall = ["call", "--session", "--timeout", `${waitSeconds}`, "--dest", service, "--object-path", path];

const gdbus: Caller = {
  program: "gdbus",
  capabilities: [...gdbusCall, "--method", `${service}.GetCapabilities`],
  notify: ({ summary, body, urgent }) => [
    ...gdbusCall,
    "--method",
    `${service}.Notify`,
    "--",
    quoted("Holdfast"),
    "0",
    quoted(icon),
    quoted(summary),
    quoted(body),
    "@as []",
    `{'urgency': <byte ${urgent ? 2 : 1}>}`,
    urgent ? "0" : "-1",
  ],
};

/** Some services take the body for markup, and say so. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

export function notificationService({ env, programs = ["busctl", "gdbus"] }: NotificationOptions): Desktop {
  const call = async (program: string, args: readonly string[]): Promise<string> => {
    const bus = Object.fromEntries(
      ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"].flatMap((name) =>
        env[name] === undefined ? [] : [[name, env[name]]],
      ),
    );
    const ran = await runProgram(program, args, {
      path: env["PATH"],
      env: bus,
      timeoutMs: 2 * waitSeconds * 1000,
    });
    if (ran.exitCode === 0) return ran.stdout;
    throw new Fault<DesktopFaultCode>("no-desktop", `Cannot tell the desktop: ${oneLine(ran.stderr.trim())}`, {
      hint: "It needs a desktop session with a notification service.",
      retriable: true,
    });
  };
  const announceBy = async ({ program, capabilities, notify }: Caller, message: DesktopMessage): Promise<void> => {
    const isMarkup = (await call(program, capabilities)).includes("body-markup");
    const [summary, body] = [oneLine(message.summary), oneLine(message.body)];
    await call(program, notify({ ...message, summary, body: isMarkup ? escaped(body) : body }));
  };
  return {
    async announce(message) {
      let missing: unknown;
      for (const program of programs) {
        try {
          return await announceBy(program === "busctl" ? busctl : gdbus, message);
        } catch (error) {
          if (!(error instanceof Fault && error.code === "tool-missing")) throw error;
          missing = error;
        }
      }
      throw missing;
    },
  };
}
