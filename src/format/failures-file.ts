// EFI/holdfast/failures.txt on the ESP: what the initrd says of boots that never reached the system (P8). Each line is
// SECONDS<TAB>failed|chosen<TAB>ENTRY-ID<TAB>CODE<TAB>TEXT; a torn or unknown line is passed over.

/** What kept an entry from starting, as the initrd names it. */
export type FailureCode = "image-missing" | "image-damaged" | "disk-missing" | "mount-failed" | "panic" | "other";

export interface FailureLine {
  /** Seconds since the epoch, as the machine's clock had it that early. */
  readonly seconds: number;
  /** `chosen`: the initrd pointed the loader at this entry for one boot. */
  readonly kind: "failed" | "chosen";
  /** File name in EFI/Linux without counter. */
  readonly entryId: string;
  readonly code: FailureCode;
  readonly text: string;
}

/** The initrd starts the file anew beyond this. */
export const failuresBytesMax: number = 64 * 1024;
const linesMax = 2000;
const textMax = 400;
const codes: readonly FailureCode[] = [
  "image-missing",
  "image-damaged",
  "disk-missing",
  "mount-failed",
  "panic",
  "other",
];

function parseLine(line: string): readonly FailureLine[] {
  const [seconds = "", kind, entryId = "", code, ...rest] = line.split("\t");
  if (!/^[0-9]{1,12}$/.test(seconds) || (kind !== "failed" && kind !== "chosen")) return [];
  if (!/^[^/\\]{1,255}$/.test(entryId)) return [];
  return [
    {
      seconds: Number(seconds),
      kind,
      entryId,
      code: codes.find((known) => known === code) ?? "other",
      text: rest.join(" ").slice(0, textMax),
    },
  ];
}

/** Any bytes are a list, oldest first. */
export function parseFailures(bytes: Uint8Array): readonly FailureLine[] {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, failuresBytesMax));
  return text
    .split("\n")
    .slice(0, linesMax)
    .flatMap((line) => parseLine(line));
}
