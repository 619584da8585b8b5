// A reporter for node:test that hands each ended test to the parent process. It prints nothing.
import { type NodeTestData, type TestEvent, translate } from "./events.ts";

function tell(event: TestEvent): void {
  process.send?.(event);
}

// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter as the default export of a module
export default async function* report(
  source: AsyncIterable<{ readonly type: string; readonly data: NodeTestData }>,
): AsyncGenerator<string> {
  for await (const { type, data } of source) {
    const event = translate(type, data);
    if (event !== undefined) tell(event);
    else if (type === "test:summary" && data.file === undefined) tell({ kind: "end" });
  }
  yield "";
}
