// Progress for the service manager: sd_notify(3) messages to NOTIFY_SOCKET. Node has no datagrams on unix sockets, so
// systemd's own systemd-notify sends them: one process a message, at most one a second, and the last state always.
import { spawn } from "node:child_process";
import type { Progress } from "../../port/progress.ts";
import { systemFolders } from "../process/run-program.ts";
import { type Assignments, StandingLines } from "./standing-lines.ts";

const everyMs = 1000;
/** systemd-notify waits until its message was read; whoever does not read must not hold up an update. */
const patienceMs = 2000;

export interface NotifyOptions {
  /** The value of NOTIFY_SOCKET. */
  readonly socket: string;
  readonly path?: string | undefined;
}

export type NotifyProgress = Progress & AsyncDisposable;

/** Says READY=1 at once. Disposing sends what was not told yet. Nothing here ever throws. */
export function notifyProgress(options: NotifyOptions): NotifyProgress {
  const lines = new StandingLines();
  let waiting: Assignments | undefined = new Map([["READY", "1"]]);
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const send = async (told: readonly string[]): Promise<void> => {
    const beganMs = performance.now();
    const isThere = await sendOnce(options, told);
    sending = undefined;
    if (!isThere) ended = true;
    else if (!ended) timer = setTimeout(sendLater, Math.max(0, everyMs - (performance.now() - beganMs))).unref();
  };
  const sendNow = (): void => {
    if (waiting === undefined || sending !== undefined) return;
    const told = [...waiting].map(([name, value]) => `${name}=${value}`);
    waiting = undefined;
    sending = send(told);
  };
  const sendLater = (): void => {
    timer = undefined;
    sendNow();
  };
  sendNow();
  return {
    report(event) {
      const told = lines.after(event);
      if (told === undefined || ended) return;
      waiting = new Map([...(waiting ?? []), ...told]);
      if (timer === undefined) sendNow();
    },
    async [Symbol.asyncDispose]() {
      const first = sending;
      const isThere = !ended;
      ended = true;
      clearTimeout(timer);
      await first;
      if (isThere) sendNow();
      await sending;
    },
  };
}

/** `false` when there is no such program. */
function sendOnce({ socket, path }: NotifyOptions, told: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("systemd-notify", told, {
      cwd: "/",
      env: { PATH: path === undefined ? systemFolders : `${path}:${systemFolders}`, NOTIFY_SOCKET: socket },
      stdio: "ignore",
      timeout: patienceMs,
      killSignal: "SIGKILL",
    });
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(true));
  });
}
