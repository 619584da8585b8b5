// Progress as the assignments of sd_notify(3), with those that systemd-sysupdate sends (X_SYSUPDATE_*). Pure: what is
// sent, and how often, is the sender's.
import type { ProgressEvent, UpdateStanding } from "../../port/progress.ts";
import { plain } from "../progress/amounts.ts";
import { percent } from "../progress/line-progress.ts";

export type Assignments = ReadonlyMap<string, string>;

/** Longer ones say nothing more in `systemctl status`. */
const statusCharactersMax = 200;

export class StandingLines {
  #title = "";
  #update: UpdateStanding | undefined;
  #percent: number | undefined;
  #ended = false;

  /** What is to be told now; `undefined` when this event changes nothing of it. */
  after(event: ProgressEvent): Assignments | undefined {
    switch (event.kind) {
      case "step":
        this.#title = event.title;
        this.#update = event.update;
        this.#percent = undefined;
        this.#ended = false;
        return this.#assignments();
      case "bytes": {
        if (event.total === undefined || event.total === 0) return undefined;
        const now = percent(event.done, event.total);
        if (now === this.#percent) return undefined;
        this.#percent = now;
        return this.#assignments();
      }
      case "step-done":
        if (event.index < event.count) return undefined;
        this.#ended = true;
        this.#percent = undefined;
        return this.#assignments();
      case "note":
      case "warning":
        return undefined;
    }
  }

  #assignments(): Assignments {
    const share = this.#percent === undefined ? "" : ` (${this.#percent}%)`;
    const what = plain(this.#title);
    const update = this.#update;
    const status = update === undefined ? `${what}${share}` : `Updating to ${plain(update.version)}: ${what}${share}`;
    const told = new Map([["STATUS", [...status].slice(0, statusCharactersMax).join("")]]);
    if (update === undefined) return told;
    told.set("X_SYSUPDATE_VERSION", plain(update.version));
    told.set("X_SYSUPDATE_PROGRESS", `${this.#whole(update)}`);
    const left = this.#ended ? 0 : update.transfersLeft;
    told.set("X_SYSUPDATE_TRANSFERS_LEFT", `${left}`);
    told.set("X_SYSUPDATE_TRANSFERS_DONE", `${update.transfersDone + update.transfersLeft - left}`);
    return told;
  }

  /** Of all transfers, each counting the same, as systemd reckons. */
  #whole({ transfersDone, transfersLeft, transfers }: UpdateStanding): number {
    const count = transfersDone + transfersLeft;
    if (count === 0 || this.#ended) return 100;
    return Math.floor((transfersDone * 100 + (transfers ? (this.#percent ?? 0) : 0)) / count);
  }
}
