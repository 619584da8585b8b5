// The numbers that commands end with, by name (DESIGN, "Contracts"); src/cli/exit-code.ts says what they mean.

export const exit = {
  done: 0,
  failed: 1,
  usage: 2,
  nothing: 3,
  refused: 4,
  interrupted: 5,
  busy: 6,
  finding: 7,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];
