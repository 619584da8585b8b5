// The agent's functions behind the interface the commands use; each file is loaded when it is first called.
import type { Agent } from "./agent.ts";

export const lazyAgent: Agent = {
  status: async (session) => (await import("../agent/status.ts")).statusReport(session),
  check: async (session) => (await import("../agent/check.ts")).checkReport(session),
  update: async (session, options) => (await import("../agent/update.ts")).updateMachine(session, options),
  list: async (session) => (await import("../agent/list.ts")).listReport(session),
  content: async (session, version) => (await import("../agent/list.ts")).contentReport(session, version),
  rollback: async (session, options) => (await import("../agent/rollback.ts")).rollbackMachine(session, options),
  doctor: async (session, options) => (await import("../agent/doctor.ts")).doctorMachine(session, options),
  vacuum: async (session) => (await import("../agent/vacuum.ts")).vacuumMachine(session),
  pin: async (session, version) => (await import("../agent/pins.ts")).pinVersion(session, version),
  unpin: async (session, version) => (await import("../agent/pins.ts")).unpinVersion(session, version),
  hold: async (session, untilMs) => (await import("../agent/pins.ts")).holdUpdates(session, untilMs),
  release: async (session) => (await import("../agent/pins.ts")).releaseHold(session),
  history: async (session) => (await import("../agent/history.ts")).historyReport(session),
  bugReport: async (session) => (await import("../agent/bug-report.ts")).bugReport(session),
  lint: async (session) => (await import("../agent/lint.ts")).lintReport(session),
  features: async (session) => (await import("../agent/features.ts")).featuresReport(session),
  components: async (session) => (await import("../agent/features.ts")).componentsReport(session),
  cleanup: async (session, options) => (await import("../agent/cleanup.ts")).cleanUp(session, options),
};
