// The confined child of a checkout: Node starts this file. In the single executable its own entry does the same.
import { work } from "./worker.ts";

const [, , task = "", identity = ""] = process.argv;
await work(task, identity);
