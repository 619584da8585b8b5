// What this build of Holdfast is. No machine that runs it can be earlier than `builtAtMs` (P13).

export const holdfastVersion = "0.1.0";
export const builtAtMs: number = Date.UTC(2026, 10, 22);
