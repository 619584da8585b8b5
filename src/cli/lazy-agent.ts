// The agent's functions behind the interface the commands use; each file is loaded when it is first called.
import type { Agent } from "./agent.ts";

export const lazyAgent: Agent = {
  status: async (session) => (await import("../agent/command/status.ts")).statusReport(session),
  check: async (session) => (await import("../agent/command/check.ts")).checkReport(session),
  update: async (session, options) =>
    (await import("../agent/command/update-and-tell.ts")).updateAndTell(session, options),
  notNow: async (session, even) => (await import("../agent/units/not-now.ts")).notNow(session, even),
  enable: async (session, options) => (await import("../agent/command/enable.ts")).enableUpdates(session, options),
  disable: async (session, options) => (await import("../agent/command/enable.ts")).disableUpdates(session, options),
  reboot: async (session, options) => (await import("../agent/command/reboot.ts")).rebootMachine(session, options),
  list: async (session) => (await import("../agent/command/list.ts")).listReport(session),
  content: async (session, version) => (await import("../agent/command/list.ts")).contentReport(session, version),
  rollback: async (session, options) =>
    (await import("../agent/command/rollback.ts")).rollbackMachine(session, options),
  doctor: async (session, options) => (await import("../agent/command/doctor.ts")).doctorMachine(session, options),
  vacuum: async (session) => (await import("../agent/command/vacuum.ts")).vacuumMachine(session),
  pin: async (session, version) => (await import("../agent/command/pins.ts")).pinVersion(session, version),
  unpin: async (session, version) => (await import("../agent/command/pins.ts")).unpinVersion(session, version),
  hold: async (session, untilMs) => (await import("../agent/command/pins.ts")).holdUpdates(session, untilMs),
  release: async (session) => (await import("../agent/command/pins.ts")).releaseHold(session),
  history: async (session) => (await import("../agent/command/history.ts")).historyReport(session),
  bugReport: async (session) => (await import("../agent/command/bug-report.ts")).bugReport(session),
  lint: async (session) => (await import("../agent/command/lint.ts")).lintReport(session),
  features: async (session) => (await import("../agent/command/features.ts")).featuresReport(session),
  components: async (session) => (await import("../agent/command/features.ts")).componentsReport(session),
  installDisk: async (session, options) =>
    (await import("../agent/image-install/install-disk.ts")).installDisk(session, options),
  health: async (session, times) => (await import("../agent/boot/assess.ts")).healthReport(session, times),
  bootAssess: async (session, times) => (await import("../agent/boot/assess.ts")).assessBoot(session, times),
  bootConfirm: async (session) => (await import("../agent/boot/confirm.ts")).confirmBoot(session),
  bootGiveBack: async (session) => (await import("../agent/boot/give-back.ts")).giveBack(session),
  bootReject: async (session) => (await import("../agent/boot/assess.ts")).rejectBoot(session),
  quarantine: async (session) => (await import("../agent/boot/quarantine.ts")).quarantineReport(session),
  liftQuarantine: async (session, version) =>
    (await import("../agent/boot/quarantine.ts")).liftVersion(session, version),
  tryVersion: async (session, version) => (await import("../agent/boot/try-version.ts")).tryVersion(session, version),
  keepTried: async (session, version) => (await import("../agent/boot/try-version.ts")).keepTried(session, version),
  cleanup: async (session, options) => (await import("../agent/command/cleanup.ts")).cleanUp(session, options),
};
