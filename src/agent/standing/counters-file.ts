// Counters for metrics, kept beside the other facts.
import { type Counters, countersSchema, noCounters } from "../../wire/counters.ts";
import { decodeRecord } from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { readText, writeDurably } from "../state/small-file.ts";

const path = "/var/lib/holdfast/counters.json";

export async function readCounters({ machine }: Session): Promise<Counters> {
  const text = await readText(machine.disk, path).catch(() => undefined);
  return (text === undefined ? undefined : decodeRecord(countersSchema, text)) ?? noCounters;
}

export async function saveCounters({ machine }: Session, counters: Counters): Promise<void> {
  await writeDurably(machine.disk, machine.entropy, path, `${JSON.stringify(counters)}\n`);
}
