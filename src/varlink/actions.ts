// What polkit decides about: one action each for what can be done over Varlink (packaging/polkit/org.holdfast.policy).

export const actions = {
  look: "org.holdfast.look",
  check: "org.holdfast.check",
  update: "org.holdfast.update",
  updateToVersion: "org.holdfast.update-to-version",
  rollback: "org.holdfast.rollback",
  doctor: "org.holdfast.doctor",
  repair: "org.holdfast.repair",
  pin: "org.holdfast.pin",
  liftQuarantine: "org.holdfast.lift-quarantine",
} as const;

export type Action = (typeof actions)[keyof typeof actions];
