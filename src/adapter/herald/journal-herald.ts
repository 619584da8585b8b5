// The Herald for systemd's journal. Its socket takes datagrams, which Node cannot send: util-linux's logger does.
import { existsSync } from "node:fs";
import type { Herald } from "../../port/herald.ts";
import type { Process } from "../../port/process.ts";
import { fieldsOf } from "../../wire/journal-fields.ts";

/** Made by systemd-journald, whose clients look there and nowhere else. */
const journalSocket = "/run/systemd/journal/socket";
const patienceMs = 5000;

/** Silent where no journald runs, and after the first time that it could not be told. */
export function journalHerald(process: Pick<Process, "run" | "pid">, socket: string = journalSocket): Herald {
  let hears = true;
  return {
    async tell(news) {
      if (!hears || !existsSync(socket)) return;
      // logger has ended before journald looks whose it was: OBJECT_PID has the unit of ours found, for `journalctl -u`.
      const fields = [...fieldsOf(news), `SYSLOG_PID=${process.pid}`, `OBJECT_PID=${process.pid}`];
      try {
        const stdin = `${fields.join("\n")}\n`;
        const { exitCode } = await process.run("logger", ["--journald"], { stdin, timeoutMs: patienceMs });
        hears = exitCode === 0;
      } catch {
        hears = false;
      }
    },
  };
}

/** For the tree of a machine that is switched off: what happens to it is no business of our own journal. */
export const silentHerald: Herald = { tell: async () => undefined };
