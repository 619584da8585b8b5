// Every event of the journal, as the system's journal gets it: a fixed id by which programs find it, how grave it is, and
// what `journalctl -x` says of it. A name and an id never change their meaning.

export interface JournalEventLine {
  /** 128 bits; for this event alone. */
  readonly messageId: string;
  /** Of syslog(3): 3 error, 4 warning, 5 notice, 6 information. */
  readonly priority: 3 | 4 | 5 | 6;
  readonly subject: string;
  /** For the catalog, by paragraphs; `@FIELD@` is filled in by journalctl. */
  readonly explanation: readonly string[];
}

export type JournalEvent =
  | "planned"
  | "acquired"
  | "updated"
  | "switched"
  | "refused"
  | "failed"
  | "interrupted"
  | "nothing"
  | "boot-good"
  | "boot-bad"
  | "not-blessed"
  | "given-back"
  | "quarantined"
  | "unproven"
  | "evidence"
  | "lifted"
  | "try"
  | "try-over"
  | "cleared"
  | "loader"
  | "repaired"
  | "removed"
  | "audit-failed"
  | "without-way-back"
  | "pinned"
  | "unpinned"
  | "held"
  | "released"
  | "turned-on"
  | "turned-off"
  | "rebooting";

export const journalEvents: Readonly<Record<JournalEvent, JournalEventLine>> = {
  planned: {
    messageId: "2d754bf7ec8b57b4e736c0de771a5c22",
    priority: 6,
    subject: "An update was begun",
    explanation: [
      "Holdfast brings in version @HOLDFAST_VERSION@ beside what is installed. Nothing that boots changes before all of it is here and proven.",
      "It can be interrupted at any moment: holdfast update goes on from there.",
    ],
  },
  acquired: {
    messageId: "ed13b70c11e3bfa82d08031e82214f38",
    priority: 6,
    subject: "Everything of a version was downloaded",
    explanation: [
      "Version @HOLDFAST_VERSION@ is here, proven, and not installed.",
      "To install it: holdfast update --offline",
    ],
  },
  updated: {
    messageId: "e2ce89fa08e3a68afd45e765d5f50005",
    priority: 5,
    subject: "An update is complete",
    explanation: [
      "Version @HOLDFAST_VERSION@ is installed and proven, and starts with the next boot unless the message says otherwise. The loader counts its boots until its health checks have passed; if they never do, the machine goes back by itself.",
    ],
  },
  switched: {
    messageId: "6224fc6a033fe1a7c5fb232fcb83ad72",
    priority: 5,
    subject: "Another version boots next",
    explanation: [
      "Version @HOLDFAST_VERSION@ was proven intact and made what boots next.",
      "To see why: holdfast status",
    ],
  },
  refused: {
    messageId: "3a776ba1a96e524ef197c4049b03107c",
    priority: 4,
    subject: "A promise would not have held, so nothing was done",
    explanation: [
      "What was asked for would have broken the promise in HOLDFAST_PROMISE, or a rule of this machine. Nothing was changed. The message says what to do.",
      "To look closer: holdfast doctor",
    ],
  },
  failed: {
    messageId: "58c2d8a574ba6c8d8db7a7114f16e51d",
    priority: 3,
    subject: "The work failed",
    explanation: [
      "The machine boots what it booted before. Much of what fails passes by itself, such as a server that does not answer; the next run goes on from where this one ended.",
      "If it stays: holdfast doctor, and holdfast report for a bug report.",
    ],
  },
  interrupted: {
    messageId: "8584f2fdbbd1c2d56b37deb8a31f3e46",
    priority: 5,
    subject: "The work was interrupted",
    explanation: ["It was asked to stop. The same command goes on from there."],
  },
  nothing: {
    messageId: "e1d4f694e848eee9d3fd15c534845df6",
    priority: 6,
    subject: "There was nothing to do",
    explanation: ["No newer version is on offer, or what was asked for is so already."],
  },
  "boot-good": {
    messageId: "f1032cabb972b31bb9362cde898de42c",
    priority: 6,
    subject: "A boot was found good",
    explanation: ["All health checks passed. systemd-bless-boot takes the counter out of the boot entry's name next."],
  },
  "boot-bad": {
    messageId: "46b9417cc779477453a74fe133e95ac8",
    priority: 3,
    subject: "A boot was found bad",
    explanation: [
      "A required health check failed. Where the boot loader counts this boot, the machine starts again, and goes back to the older version when the tries are used up.",
      "To run the checks by hand: holdfast health",
    ],
  },
  "not-blessed": {
    messageId: "a183b8033e66d8854f8d8f8ec54646df",
    priority: 3,
    subject: "A good boot was not marked good",
    explanation: [
      "The health checks passed, and the boot entry carries a counter all the same: its tries will be used up. See systemd-bless-boot.service, and whether the ESP can be written.",
    ],
  },
  "given-back": {
    messageId: "3fe3d86775b926a09b7d9ef4bdb10cb7",
    priority: 6,
    subject: "A boot was not counted",
    explanation: ["The machine was shut down before the boot was judged, so its try was given back."],
  },
  quarantined: {
    messageId: "b65a642e52f09cf17f890c41d88886ad",
    priority: 3,
    subject: "A version failed here and is not offered again",
    explanation: [
      "Version @HOLDFAST_VERSION@ used up its boots, and the evidence is against it; HOLDFAST_DETAIL has what was seen. It is passed over until a newer version comes.",
      "To let it be tried again: holdfast quarantine lift @HOLDFAST_VERSION@",
    ],
  },
  unproven: {
    messageId: "b915e18cf2f5ca950b5a14191916be31",
    priority: 4,
    subject: "A version used up its boots without evidence against it",
    explanation: [
      "Version @HOLDFAST_VERSION@ never came as far as a verdict. That may have been the power, so the next holdfast update gives it its tries once more, without a download.",
    ],
  },
  evidence: {
    messageId: "5bac1ac2521dac51d9707b36ef53eb4f",
    priority: 4,
    subject: "Something was found about a failed boot",
    explanation: ["What the initrd or a check wrote down about a boot that failed."],
  },
  lifted: {
    messageId: "cc7e128c0da23e5618b31a40b6bcf11f",
    priority: 5,
    subject: "A version may be tried again",
    explanation: ["Version @HOLDFAST_VERSION@ is no longer in quarantine."],
  },
  try: {
    messageId: "2d2a189d26350bbcfef8bcf15ba341d3",
    priority: 5,
    subject: "A version boots once",
    explanation: [
      "Version @HOLDFAST_VERSION@ starts with the next boot, and with that one only.",
      "To stay with it then: holdfast try --keep",
    ],
  },
  "try-over": {
    messageId: "5bebec7f73a3b4ffa361993271daa333",
    priority: 6,
    subject: "A try is over",
    explanation: ["The version that was tried is not what boots any more."],
  },
  cleared: {
    messageId: "d1f24dda858f07ec46d0a5caee769aaa",
    priority: 4,
    subject: "A choice that pinned a bad boot entry was cleared",
    explanation: ["An EFI variable made the boot loader start an entry that is no good."],
  },
  loader: {
    messageId: "450ac02c3da0bfe3641083adb3368ef8",
    priority: 5,
    subject: "The boot loader was replaced",
    explanation: [
      "A copy of the boot loader on the ESP, or its place in the firmware's list, is as the version that runs brought it.",
    ],
  },
  repaired: {
    messageId: "4bbfc2b25cabaf3676429566d26d2dfc",
    priority: 5,
    subject: "Something was repaired",
    explanation: ["It did not hold the bytes that it was to have, and has them again."],
  },
  removed: {
    messageId: "e45ea8ee838dad9489fbacbf406b8057",
    priority: 6,
    subject: "Something was removed",
    explanation: ["Its boot entry went first, so nothing that boots needed it."],
  },
  "audit-failed": {
    messageId: "95c4b70151fdf81d1797a423c208a1db",
    priority: 3,
    subject: "A new version was taken back before it could boot",
    explanation: [
      "After everything was installed, a fresh look found that the version was not whole or would not boot next. Its boot entry was taken away again.",
    ],
  },
  "without-way-back": {
    messageId: "73038be30e5e7702a891c7295c676536",
    priority: 4,
    subject: "An update went on without a proven way back",
    explanation: [
      "Somebody asked for it: --without-way-back. If the new version fails, nothing may be there to go back to.",
    ],
  },
  pinned: {
    messageId: "7c8e95d40e5e30703e091bc72b57f184",
    priority: 6,
    subject: "A version is kept",
    explanation: ["It is not removed until it is unpinned: holdfast unpin @HOLDFAST_VERSION@"],
  },
  unpinned: {
    messageId: "de533616f9e383f3f87ca225d46cb517",
    priority: 6,
    subject: "A version may be removed again",
    explanation: ["It is removed when newer ones have come, unless it is the way back."],
  },
  held: {
    messageId: "6e4c76595406767927a8457e12da3ccc",
    priority: 5,
    subject: "Updates are held",
    explanation: ["No update is begun until then, or until holdfast hold --release."],
  },
  released: {
    messageId: "b50cfdeb54fad07b34e4aee5e52036a1",
    priority: 5,
    subject: "Updates are no longer held",
    explanation: ["The next update is begun as usual."],
  },
  "turned-on": {
    messageId: "9f3c9df0a51aecd46639235642597b7f",
    priority: 5,
    subject: "Updates come by themselves",
    explanation: [
      "holdfast enable turned on Holdfast's units, and turned off the timers of systemd-sysupdate.",
      "To see when they start: systemctl list-timers",
    ],
  },
  "turned-off": {
    messageId: "b7a114918a9bbab8069f64b4201fc98f",
    priority: 5,
    subject: "Updates no longer come by themselves",
    explanation: ["holdfast disable gave back what was on before. holdfast update still works by hand."],
  },
  rebooting: {
    messageId: "c1a09f7901b6d1bbc3a4d86465e2d625",
    priority: 5,
    subject: "The machine reboots into another version",
    explanation: ["Version @HOLDFAST_VERSION@ was what boots next, nobody was logged in, and nothing asked to wait."],
  },
};
