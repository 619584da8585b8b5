// The Herald port: tells others what happened, as our own journal has it. Nothing depends on whether anyone hears.
import type { News } from "../domain/news.ts";

export interface Herald {
  /** Never throws, and takes a bounded time: who cannot be told must not stop the work. */
  tell(news: News): Promise<void>;
}
