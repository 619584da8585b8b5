// What can be taken away where boots are judged, confirmed and given back, and where the loader is replaced (P8).
import { of, type Removal } from "../removal.ts";

const woken = "v1 wakes after every boot of v2 was found bad";

export const bootRemovals: readonly Removal[] = [
  ...of("agent/boot/boot-state.ts", [
    {
      kind: "flush",
      what: "flushing that something remembered of boots is over",
      unitTest: {
        file: "test/incidents/boots.test.ts",
        because: "what comes back tells of what is over, until the next look; no promise hangs on it",
      },
      from: "  await disk.syncFolder(folderOf(path));\n}\n\nexport async function readBoots",
      to: "}\n\nexport async function readBoots",
    },
  ]),
  ...of("agent/boot/assess.ts", [
    {
      kind: "order",
      what: "mending what a power cut left on the ESP before a boot is judged",
      unitTest: {
        file: "src/agent/boot/boots.test.ts",
        because:
          "the checks pass over an ESP in doubt, and the confirmation mends it as well; what renames in between is another's",
      },
      from: "  await settleFirst(session);\n",
      to: "",
    },
    {
      kind: "memory",
      what: "remembering the verdict",
      scenario: woken,
      from: "  await remember(session, boot, { verdict, ...(failed.length === 0 ? {} : { failed }) });\n",
      to: "",
    },
  ]),
  ...of("agent/boot/esp-notes.ts", [
    {
      kind: "flush",
      what: "flushing that the initrd's notes are gone",
      scenario:
        "v1 wakes after the blessed v2 lost its image (KDE Linux, March 2026), and /efi/EFI/holdfast/failures.txt is gone for good",
      from: "  await session.machine.disk.syncFolder(folderOf(path));\n",
      to: "",
    },
    {
      kind: "flush",
      what: "flushing that the old list of good entries is gone before the new one gets its name",
      scenario: "a boot of the blessed v2 is confirmed, and the list of good entries lies behind gaps",
      from: "    await disk.remove(path);\n    await disk.syncFolder(folder);\n",
      to: "    await disk.remove(path);\n",
    },
  ]),
  ...of("agent/boot/confirm.ts", [
    {
      kind: "memory",
      what: "marking that the ESP is about to be changed by a confirmation",
      scenario: "a boot of the blessed v2 is judged and confirmed",
      from: "  await openEsp(session, observation);\n",
      to: "",
    },
    {
      kind: "order",
      what: "noting what was given up before the initrd's notes go",
      scenario: "v1 wakes after the blessed v2 lost its image (KDE Linux, March 2026)",
      from: "const { observation: noted, found } = await noteFallBack(session, first);",
      to: "const { observation: noted, found } = { observation: first, found: [] as const };",
    },
  ]),
  ...of("agent/boot/note-fall-back.ts", [
    {
      kind: "memory",
      what: "putting a version with evidence against it into quarantine",
      scenario: woken,
      from: 'if (verdict === "quarantined") await saveQuarantine(session, { format: 1, version, atMs, evidence, text });',
      to: "",
    },
  ]),
  ...of("agent/boot/loader-copies.ts", [
    {
      kind: "flush",
      what: "flushing a copy of the boot loader before it gets its name",
      unitTest: {
        file: "src/agent/boot/replace-copy.test.ts",
        because:
          "a simulated medium is read past the cache without a flush as well; the rename flushes the file once more",
      },
      from: "  await file.sync();\n",
      to: "",
    },
    {
      kind: "flush",
      what: "flushing that an unfinished copy of the boot loader is gone before its name is used again",
      scenario: "the named copy of the boot loader is replaced, and an unfinished one lies behind gaps in its folder",
      from: "    await disk.remove(beside);\n    // Gone for sure before the name is used again: of two names that are the same fsck.fat makes FSCK0000.REN.\n    await disk.syncFolder(folder);\n",
      to: "    await disk.remove(beside);\n",
    },
    {
      kind: "flush",
      what: "flushing that the old copy of the boot loader is gone before the new one gets its name",
      scenario: "the named copy of the boot loader is replaced behind gaps in its folder",
      from: "    await disk.remove(path);\n    await disk.syncFolder(folder);\n",
      to: "    await disk.remove(path);\n",
    },
    {
      kind: "read-back",
      what: "reading a copy of the boot loader back before the old one goes",
      scenario: "a copy of the boot loader turns bad on the medium as it is written",
      from: "if ((await digestOf(session, beside)) !== source.sha256) {",
      to: "if (source.sha256 === undefined) {",
    },
  ]),
  ...of("domain/boot/loader-copies.ts", [
    {
      kind: "order",
      what: "replacing one copy of the boot loader in a boot",
      unitTest: {
        file: "src/domain/boot/loader-copies.test.ts",
        because: "the second copy is as good as the first where the medium tells the truth",
      },
      from: "      busy = true;\n",
      to: "",
    },
    {
      kind: "refusal",
      what: "leaving a copy of the boot loader alone where no other starts",
      unitTest: { file: "src/domain/boot/loader-copies.test.ts", because: "the sample machines list both copies" },
      from: 'if (copy.holds.kind === "systemd-boot" && !otherStarts(copy, copies))',
      to: "if (copies.length === 0)",
    },
  ]),
  ...of("domain/switch-plan.ts", [
    {
      kind: "order",
      what: "giving tries anew under names that the loader can count down to",
      scenario: "update after v2 has used up its tries",
      from: "const done = entry.tries.done > 0 && left === entry.tries.left + entry.tries.done ? 1 : 0;",
      to: "const done = 0;",
    },
  ]),
  ...of("domain/boot/blessing.ts", [
    {
      kind: "order",
      what: "giving a try back under a name that the loader can count down from",
      scenario: "v2 is shut down before it was judged, and never comes up again",
      from: "tries.done >= 10 ** width - 1 ? 0 : tries.done",
      to: "tries.done - 1",
    },
  ]),
];
