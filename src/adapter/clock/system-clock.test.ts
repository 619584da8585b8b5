import { clockContract } from "../../port/clock.contract.ts";
import { systemClock } from "./system-clock.ts";

clockContract("systemClock", async () => ({ clock: systemClock, done: async () => undefined }));
