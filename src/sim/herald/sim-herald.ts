// The simulated Herald: hears everything, and tells nobody.
import type { News } from "../../domain/news.ts";
import type { Herald } from "../../port/herald.ts";

/** The oldest is forgotten beyond this many. */
const newsMax = 10_000;

export class SimHerald implements Herald {
  readonly news: News[] = [];

  async tell(news: News): Promise<void> {
    if (this.news.length === newsMax) this.news.shift();
    this.news.push(news);
  }
}
