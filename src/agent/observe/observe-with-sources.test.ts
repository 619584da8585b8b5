import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlannedFault } from "../../sim/fault-plan.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { origin } from "../../sim/scenario/sample-repository.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { observeWithSources, type WithSources } from "./observe-with-sources.ts";

async function withFaults(...faults: readonly PlannedFault[]): Promise<WithSources & { readonly requests: number }> {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const { session, gate } = sessionOn(world, {}, faults);
  let requests = 0;
  gate.beforeCall = ({ port }): void => {
    if (port === "http") requests++;
  };
  return { ...(await observeWithSources(session)), requests };
}

const keyring = { port: "disk", subject: "/usr/lib/systemd/import-pubring.pgp", code: "io-error" } as const;

test("one wrong reading of this machine does not keep the sources away, two do", async () => {
  for (const fault of [
    { ...keyring, name: "read", instead: "wrong-byte" },
    { ...keyring, name: "open" },
  ] as const) {
    const once = await withFaults(fault);
    assert.equal(once.problem, undefined, fault.name);
    assert.equal(once.observation.situation.catalog?.releases[0]?.version, "2");
    const always = await withFaults({ ...fault, times: 99 });
    assert.ok(always.problem !== undefined, fault.name);
    assert.equal(always.observation.situation.catalog, undefined);
    assert.equal(always.observation.situation.inventory.instances.length, 2);
  }
});

test("what the line does wrong is not tried anew: that was done already", async () => {
  const fault = { kind: "no-answer", code: "connection-lost" } as const;
  const down = { port: "http", subject: `${origin}/*`, times: 99, code: "", instead: { server: fault } };
  const { problem, requests, observation } = await withFaults(down);
  assert.deepEqual([problem?.retriable, requests, observation.situation.catalog], [true, 3, undefined]);
});
