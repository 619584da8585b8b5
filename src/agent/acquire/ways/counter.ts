// What it takes to find out which ways there are: counted, and held back where a rate was set.
import type { Session } from "../../session.ts";
import { Pacer } from "../pacer.ts";
import type { Traffic } from "./way.ts";

export class Counter implements Traffic {
  bytes = 0;
  readonly #pacer: Pacer;

  constructor(session: Session) {
    this.#pacer = new Pacer(session);
  }

  count(bytes: number): void {
    this.bytes += bytes;
  }

  pace(bytes: number): Promise<void> {
    return this.#pacer.pace(bytes);
  }
}
