// What is told of something that happened, beyond the sentence that our own journal keeps.
import type { JournalEvent } from "./journal-events.ts";

/** What is absent does not apply. */
export interface NewsFacts {
  /** As in `holdfast NAME`. */
  readonly command?: string;
  /** What ran, or was to boot, before. */
  readonly from?: string;
  readonly wayBack?: string;
  /** What runs instead of a version that was given up. */
  readonly runs?: string;
  /** Bytes that crossed the line. */
  readonly bytes?: number;
  /** How resources were to come, each way once. */
  readonly ways?: readonly string[];
  readonly exitCode?: number;
  /** Code of a Fault. */
  readonly code?: string;
  /** What a person can do about it. */
  readonly hint?: string;
  /** Kind of evidence against a version. */
  readonly evidence?: string;
  readonly details?: readonly string[];
}

export interface News extends NewsFacts {
  readonly event: JournalEvent;
  readonly version?: string;
  /** Of `sysupdate.NAME.d`; absent for the OS itself. */
  readonly component?: string;
  readonly text: string;
}
