// Transfers for tests, read from definitions as short as they can be.
import { parseTransfer, type Transfer } from "../format/definitions.ts";

export interface SampleTransfer {
  readonly source?: string;
  readonly target?: string;
  readonly transfer?: string;
  /** Whole MatchPattern= of the target. */
  readonly patterns: string;
  readonly path: string;
  readonly file?: string;
}

/** `id` as it would be read from `/usr/lib/sysupdate.d/ID.transfer`; `source`, `target` and `transfer` are further lines. */
export function sampleTransfer(id: string, sample: SampleTransfer): Transfer {
  const lines = [
    "[Transfer]",
    sample.transfer ?? "",
    "[Source]",
    "Type=url-file",
    "Path=https://example.com/os/",
    `MatchPattern=${id}_@v`,
    sample.source ?? "",
    "[Target]",
    `Path=${sample.path}`,
    `MatchPattern=${sample.patterns}`,
    sample.target ?? "",
  ];
  const path = sample.file ?? `/usr/lib/sysupdate.d/${id}.transfer`;
  return parseTransfer(id, [{ path, text: `${lines.join("\n")}\n` }], { a: "x86-64" }).transfer;
}

/** An image under /usr/images and a counted UKI, as a distribution would ship them. */
export function sampleTransfers(): readonly [Transfer, Transfer] {
  return [
    sampleTransfer("50-root", { path: "/system", patterns: "os_@v.erofs" }),
    sampleTransfer("90-uki", {
      path: "/EFI/Linux",
      patterns: "os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi",
      target: "PathRelativeTo=boot\nTriesLeft=3\nTriesDone=0",
    }),
  ];
}
