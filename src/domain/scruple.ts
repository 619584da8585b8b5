// What an update that nobody waits for minds, and may be told to pass over: `update --automatic --even=battery`.

export type Scruple = "metered" | "battery";

export const scruples: readonly Scruple[] = ["metered", "battery"];
