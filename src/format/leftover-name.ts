// Names of temporary files: ours (DESIGN, "State") and those of systemd-sysupdate (interfaces D.3).

export type Leftover =
  | {
      readonly by: "holdfast";
      readonly stage: "staged";
      /** The first 16 hex digits of the digest that the file is to have. */
      readonly digestPrefix: string;
    }
  | {
      readonly by: "sysupdate";
      /** "pending": complete, and only to be renamed. */
      readonly stage: "partial" | "pending";
      /** The name it was to get. */
      readonly name: string;
    };

const prefixDigits = 16;

/** What a file name says about an unfinished download; undefined for any other file. */
export function parseLeftover(fileName: string): Leftover | undefined {
  const digestPrefix = /^\.holdfast-([0-9a-f]{16})$/.exec(fileName)?.[1];
  if (digestPrefix !== undefined) return { by: "holdfast", stage: "staged", digestPrefix };
  const [, stage, name] = /^\.sysupdate\.(partial|pending)\.(.+)$/s.exec(fileName) ?? [];
  if (name !== undefined) return { by: "sysupdate", stage: stage === "pending" ? "pending" : "partial", name };
  const older = /^\.#sysupdate(.+)[0-9a-f]{16}$/s.exec(fileName)?.[1];
  return older === undefined ? undefined : { by: "sysupdate", stage: "partial", name: older };
}

/** The name under which a resource is acquired, from the digest (64 hex digits) that it is to have. */
export function stagingName(sha256: string): string {
  return `.holdfast-${sha256.slice(0, prefixDigits)}`;
}
