import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Session, Settings } from "../agent/session.ts";
import { Fault } from "../base/fault.ts";
import type { Progress } from "../port/progress.ts";
import type { Origin, Verdict } from "./caller.ts";
import type { Commands } from "./commands.ts";
import { demandOf } from "./demand.ts";
import { interfaceText } from "./interface.ts";
import { SampleClient } from "./sample-service.ts";
import { makeService } from "./service.ts";
import { updateInterface } from "./update-interface.ts";
import { updateMethods } from "./update-methods.ts";

interface World {
  readonly origin?: Origin;
  readonly verdict?: Verdict;
  readonly commands?: Partial<Commands>;
}

interface Scene {
  readonly client: SampleClient;
  readonly asked: string[];
  readonly called: string[];
  readonly settings: Partial<Settings>[];
}

const alice: Origin = { kind: "peer", caller: { pid: 7, uid: 1000 } };

function scene({ origin = alice, verdict = "granted", commands = {} }: World = {}): Scene {
  const asked: string[] = [];
  const called: string[] = [];
  const settings: Partial<Settings>[] = [];
  const all = new Proxy({} as Commands, {
    get:
      (_target, name: keyof Commands) =>
      async (...args: readonly [Session, ...unknown[]]) => {
        called.push(`${name}${args.length > 1 ? ` ${JSON.stringify(args[1])}` : ""}`);
        return (commands[name] as ((...all: readonly unknown[]) => unknown) | undefined)?.(...args) ?? { it: name };
      },
  });
  const authority = {
    ask: async (action: string, { uid }: { readonly uid: number }, interactive: boolean) => {
      asked.push(`${action} ${uid}${interactive ? " interactive" : ""}`);
      return verdict;
    },
  };
  const methods = updateMethods(
    {
      commands: all,
      demand: demandOf(origin, authority),
      inSession: async (request, work) => {
        settings.push(request.settings ?? {});
        const machine = { progress: request.progress };
        return work({ machine, settings: {}, signal: request.signal } as unknown as Session);
      },
    },
    () => 0,
  );
  const info = { vendor: "", product: "", version: "", url: "" };
  return { client: new SampleClient(makeService(info, [methods])), asked, called, settings };
}

const name = (method: string): string => `org.holdfast.Update.${method}`;

test("each method asks for its own action, then calls the command of its name", async () => {
  const table: readonly (readonly [method: string, parameters: object, action: string, called: string])[] = [
    ["Status", {}, "look", "status"],
    ["Check", {}, "check", "check"],
    ["Plan", { version: "2" }, "check", 'update {"version":"2","dryRun":true}'],
    ["Update", {}, "update", 'update {"acquireOnly":false}'],
    ["Update", { acquireOnly: true, version: null }, "update", 'update {"acquireOnly":true}'],
    ["Update", { version: "2" }, "update-to-version", 'update {"version":"2","acquireOnly":false}'],
    ["Rollback", { version: "1" }, "rollback", 'rollback {"version":"1"}'],
    ["Doctor", { deep: true }, "doctor", 'doctor {"deep":true,"repair":false}'],
    ["Doctor", { repair: true }, "repair", 'doctor {"deep":false,"repair":true}'],
    ["Pin", { version: "2" }, "pin", 'pin "2"'],
    ["Unpin", { version: "2" }, "pin", 'unpin "2"'],
    ["ListQuarantine", {}, "look", "quarantine"],
    ["LiftQuarantine", { version: "2" }, "lift-quarantine", 'liftQuarantine "2"'],
  ];
  for (const [method, parameters, action, called] of table) {
    const here = scene();
    here.client.send({ method: name(method), parameters });
    assert.ok("parameters" in ((await here.client.reply()) as object), method);
    assert.deepEqual([here.asked, here.called], [[`org.holdfast.${action} 1000`], [called]]);
    here.client.send({ method: name(method), parameters: { ...parameters, allowInteractiveAuthentication: true } });
    await here.client.reply();
    assert.equal(here.asked[1], `org.holdfast.${action} 1000 interactive`);
    await here.client.close().served;
  }
});

test("who may not is told so, and nothing is called", async () => {
  const errors: readonly (readonly [Verdict, string])[] = [
    ["denied", "org.varlink.service.PermissionDenied"],
    ["needs-authentication", "io.systemd.InteractiveAuthenticationRequired"],
  ];
  for (const [verdict, error] of errors) {
    const { client, called } = scene({ verdict });
    for (const method of Object.keys(updateInterface.methods)) {
      const input = updateInterface.methods[method]?.input ?? {};
      client.send({
        method: name(method),
        parameters: input["version"]?.shape.kind === "string" ? { version: "1" } : {},
      });
      assert.deepEqual(await client.reply(), { error });
    }
    assert.deepEqual(called, []);
    await client.close().served;
  }
});

test("root is not asked about, nor is who started the process by hand", async () => {
  for (const origin of [{ kind: "self" }, { kind: "peer", caller: { pid: 7, uid: 0 } }] as const) {
    const { client, asked } = scene({ origin, verdict: "denied" });
    client.send({ method: name("Rollback") });
    assert.deepEqual(await client.reply(), { parameters: { report: { it: "rollback" } } });
    assert.deepEqual(asked, []);
    await client.close().served;
  }
});

test("a component that has no such name is refused before anything is opened", async () => {
  const { client, settings } = scene();
  for (const component of ["../x", "", "a/b", "a\0b"]) {
    client.send({ method: name("Update"), parameters: { component } });
    assert.deepEqual(await client.reply(), {
      error: "org.varlink.service.InvalidParameter",
      parameters: { parameter: "component" },
    });
  }
  client.send({ method: name("Update"), parameters: { component: "a.b" } });
  await client.reply();
  assert.deepEqual(settings, [{ component: "a.b" }]);
  await client.close().served;
});

test("progress is told as it is described, bytes ten times a second at most", async () => {
  const { client } = scene({
    commands: {
      async update({ machine: { progress } }: { readonly machine: { readonly progress: Progress } }) {
        progress.report({ kind: "step", index: 1, count: 2, title: "Fetch", totalBytes: 9 });
        for (const done of [1, 2, 3, 9]) progress.report({ kind: "bytes", done, total: 9 });
        progress.report({ kind: "note", text: "again" });
        return { outcome: "done" } as never;
      },
    },
  });
  client.send(`{"method":"${name("Update")}","more":true}\0`);
  const replies: unknown[] = [];
  do replies.push(await client.reply());
  while ((replies.at(-1) as { readonly continues?: boolean }).continues === true);
  const progress = (event: object): object => ({ parameters: { progress: event }, continues: true });
  assert.deepEqual(replies, [
    progress({ kind: "step", index: 1, count: 2, title: "Fetch", totalBytes: 9 }),
    progress({ kind: "bytes", done: 1, total: 9 }),
    progress({ kind: "bytes", done: 9, total: 9 }),
    progress({ kind: "note", text: "again" }),
    { parameters: { report: { outcome: "done" } } },
  ]);
  await client.close().served;
});

test("every failure is an error of its kind, with a sentence and what helps", async () => {
  const owner = { pid: 5, command: "update", sinceMs: 1 };
  const said = { code: "a-code", message: "Cannot do it: no" };
  const table: readonly (readonly [Fault, string, object])[] = [
    [
      new Fault("a-code", said.message, { kind: "busy", hint: "Later.", details: { owner } }),
      "Busy",
      { ...said, hint: "Later.", owner },
    ],
    [new Fault("a-code", said.message, { kind: "busy" }), "Busy", said],
    [new Fault("a-code", said.message, { kind: "refused", details: { version: "1" } }), "Refused", said],
    [new Fault("a-code", said.message, { kind: "interrupted" }), "Interrupted", said],
    [new Fault("a-code", said.message, { retriable: true }), "Failed", { ...said, retriable: true }],
    [new Fault("a-code", said.message, { kind: "usage" }), "Failed", { ...said, retriable: false }],
  ];
  for (const [fault, error, parameters] of table) {
    const { client } = scene({ commands: { rollback: () => Promise.reject(fault) } });
    client.send({ method: name("Rollback") });
    assert.deepEqual(await client.reply(), { error: name(error), parameters });
    await client.close().served;
  }
});

test("a bug ends the connection, and is not told to whoever calls", async () => {
  const { client } = scene({ commands: { rollback: () => Promise.reject(new Error("secret")) } });
  client.send({ method: name("Rollback") });
  await assert.rejects(client.served, { message: "secret" });
  assert.deepEqual(client.replies, []);
});

test("history gives the newest entries, in the order in which they happened", async () => {
  const lines = Array.from({ length: 150 }, (_, at) => ({ atMs: at, event: "e", version: undefined, text: `${at}` }));
  const { client } = scene({ commands: { history: async () => lines } });
  const count = async (parameters: object): Promise<readonly string[]> => {
    client.send({ method: name("History"), parameters });
    const { parameters: reply } = (await client.reply()) as { parameters: { entries: readonly { text: string }[] } };
    return [`${reply.entries.length}`, reply.entries[0]?.text ?? "", reply.entries.at(-1)?.text ?? ""];
  };
  assert.deepEqual(await count({}), ["100", "50", "149"]);
  assert.deepEqual(await count({ last: 2 }), ["2", "148", "149"]);
  assert.deepEqual(await count({ last: 9999 }), ["150", "0", "149"]);
  client.send({ method: name("History"), parameters: { last: 0 } });
  assert.match(JSON.stringify(await client.reply()), /InvalidParameter/);
  await client.close().served;
});

test("the definition in packaging/varlink is the one that is served", () => {
  const file = new URL("../../packaging/varlink/org.holdfast.Update.varlink", import.meta.url);
  assert.equal(readFileSync(file, "utf8"), interfaceText(updateInterface));
});

test("every type that the definition names is there, and every type there is named", () => {
  const text = interfaceText(updateInterface);
  const types = Object.keys(updateInterface.types);
  const used = new Set(Array.from(text.matchAll(/: \??(?:\[\])?([A-Z]\w*)/g), ([, type]) => type));
  assert.deepEqual(used, new Set(types));
});
