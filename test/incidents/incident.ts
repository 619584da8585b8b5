// One test for one incident, named after it, with its link.
import { test, type TestContext } from "node:test";
import { type IncidentName, incidents } from "./catalogue.ts";

export interface IncidentOptions {
  /** Which side of it, where one test is not enough. */
  readonly side?: string;
  readonly skip?: string | false;
}

export function incident(
  name: IncidentName,
  body: (context: TestContext) => Promise<void>,
  { side, skip = false }: IncidentOptions = {},
): void {
  const found = incidents[name];
  if (found === undefined) throw new Error(`Assertion failed: there is an incident ${name}`);
  const { what, links } = found;
  const [link] = links;
  const title = `${name}, ${what}${side === undefined ? "" : `: ${side}`}${link === undefined ? "" : ` (${link})`}`;
  void test(title, { skip }, body);
}
