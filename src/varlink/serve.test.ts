import assert from "node:assert/strict";
import { test } from "node:test";
import { ErrorReply } from "./error-reply.ts";
import { SampleClient } from "./sample-service.ts";
import { makeService, type MethodCall, type Service } from "./service.ts";
import { field, int, list, maybe, named, string } from "./shape.ts";

const info = { vendor: "v", product: "p", version: "1", url: "u" };

/** A service whose one long method does what a test says. */
function serviceOf(long: (call: MethodCall) => Promise<object> = async () => ({})): Service {
  return makeService(info, [
    {
      definition: {
        name: "org.example.Thing",
        comment: "For tests",
        types: { Pair: { kind: "struct", comment: "Two", fields: { a: field(int), b: field(maybe(list(string))) } } },
        methods: {
          Echo: {
            comment: "Says it again",
            input: { pair: field(named("Pair")) },
            output: { pair: field(named("Pair")) },
          },
          Long: { comment: "Takes its time", input: {}, output: {} },
        },
        errors: { Broken: { comment: "It broke", fields: {} } },
      },
      methods: { Echo: async ({ parameters }) => ({ pair: parameters["pair"] }), Long: long },
      errorOf: () => new ErrorReply("org.example.Thing.Broken"),
    },
  ]);
}

const echo = (pair: unknown): { method: string; parameters: object } => ({
  method: "org.example.Thing.Echo",
  parameters: { pair },
});
const long = '{"method":"org.example.Thing.Long"}\0';

test("calls are answered in their order, each by its own reply", async () => {
  const client = new SampleClient(serviceOf());
  client
    .send(echo({ a: 1 }))
    .send(echo({ a: 2, b: null }))
    .send(echo({ a: 3, b: ["x"] }));
  const replies = [await client.reply(), await client.reply(), await client.reply()];
  assert.deepEqual(replies, [
    { parameters: { pair: { a: 1 } } },
    { parameters: { pair: { a: 2, b: null } } },
    { parameters: { pair: { a: 3, b: ["x"] } } },
  ]);
  await client.close().served;
});

test("what does not fit is named: the first in the message, then what is absent", async () => {
  const client = new SampleClient(serviceOf());
  const invalid = (parameter: string): object => ({
    error: "org.varlink.service.InvalidParameter",
    parameters: { parameter },
  });
  const cases: readonly (readonly [object, string])[] = [
    [{}, "pair"],
    [{ pair: null }, "pair"],
    [{ pair: { a: 1.5 } }, "pair"],
    [{ pair: { a: 1, c: 1 } }, "pair"],
    [{ pair: { a: 1, b: [1] } }, "pair"],
    [{ pair: { a: 1 }, toString: 1 }, "toString"],
    [{ other: 1, pair: 1 }, "other"],
  ];
  for (const [parameters, name] of cases) {
    client.send({ method: "org.example.Thing.Echo", parameters });
    assert.deepEqual(await client.reply(), invalid(name));
  }
  await client.close().served;
});

test("an unknown method, an upgrade and a failure are errors, and the connection goes on", async () => {
  const client = new SampleClient(serviceOf(() => Promise.reject(new Error("x"))));
  for (const method of ["", "a", "org.example.Thing", "org.example.Thing.toString", "org.example.Thing.Nope"]) {
    client.send({ method });
    assert.deepEqual(await client.reply(), { error: "org.varlink.service.MethodNotFound", parameters: { method } });
  }
  client.send('{"method":"org.example.Thing.Long","upgrade":true}\0').send(long);
  assert.deepEqual(await client.reply(), {
    error: "org.varlink.service.MethodNotImplemented",
    parameters: { method: "org.example.Thing.Long" },
  });
  assert.deepEqual(await client.reply(), { error: "org.example.Thing.Broken" });
  await client.close().served;
});

test("bytes that are no call end the connection with one Fault, and without an answer", async () => {
  const client = new SampleClient(serviceOf());
  client.send(echo({ a: 1 }));
  await client.reply();
  client.send('{"method":1}\0').send(echo({ a: 2 }));
  await assert.rejects(client.served, { code: "bad-message" });
  assert.deepEqual(client.replies, []);
});

test("they do so while a call runs, which is broken off", async () => {
  const broken = Promise.withResolvers<void>();
  const client = new SampleClient(
    serviceOf(async ({ signal }) => {
      signal.addEventListener("abort", () => broken.resolve());
      await broken.promise;
      return {};
    }),
  );
  client.send(long).send(new Uint8Array([0xff, 0]));
  await assert.rejects(client.served, { code: "bad-message", message: /UTF-8/ });
});

test("who sends more calls than can wait loses the connection", async () => {
  const client = new SampleClient(
    serviceOf(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return {};
    }),
  );
  client.send(long);
  for (let calls = 0; calls < 5; calls += 1) client.send({ method: "x".repeat(40 * 1024) });
  await assert.rejects(client.served, { code: "bad-message", message: /too many wait/ });
});

test("a message whose end does not come, and a caller who says nothing, lose the connection", async () => {
  const slow = new SampleClient(serviceOf());
  slow.send(echo({ a: 1 })).send('{"meth');
  await slow.reply();
  await new Promise(setImmediate);
  slow.time.pass(999);
  slow.send("od");
  await new Promise(setImmediate);
  slow.time.pass(1);
  await assert.rejects(slow.served, { code: "bad-message", message: /in time/ });

  const silent = new SampleClient(serviceOf());
  await new Promise(setImmediate);
  silent.time.pass(5000);
  await silent.served;
});

test("a call of one way is done and not answered, also when its caller is gone", async () => {
  const done: string[] = [];
  const client = new SampleClient(
    serviceOf(async ({ signal }) => {
      await new Promise(setImmediate);
      done.push(signal.aborted ? "broken off" : "done");
      return {};
    }),
  );
  client.send('{"method":"org.example.Thing.Long","oneway":true}\0').send('{"method":"x.Y","oneway":true}\0').close();
  await client.served;
  assert.deepEqual([done, client.replies], [["done"], []]);
});

test("a call is broken off when its caller goes, and what waited behind it is dropped", async () => {
  const broken = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  let calls = 0;
  const client = new SampleClient(
    serviceOf(async ({ signal }) => {
      calls += 1;
      signal.addEventListener("abort", () => broken.resolve());
      started.resolve();
      await broken.promise;
      return {};
    }),
  );
  client.send(long).send(long);
  await started.promise;
  await client.close().served;
  assert.equal(calls, 1);
});

test("when this process has to end, the call is broken off and its caller is told", async () => {
  const client = new SampleClient(
    serviceOf(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new Error("broken off");
    }),
  );
  client.send(long).send(long);
  await new Promise(setImmediate);
  client.stop.abort();
  await client.served;
  assert.deepEqual(client.replies, ['{"error":"org.example.Thing.Broken"}']);
});

test("progress goes to who takes several replies, and not faster than it is read", async () => {
  const service = serviceOf(async ({ send }) => {
    send({ at: 1 });
    client.unsentBytes = 1_000_000;
    send({ at: 2 });
    return { at: 3 };
  });
  const client: SampleClient = new SampleClient(service);
  client.send('{"method":"org.example.Thing.Long","more":true}\0');
  assert.deepEqual(await client.reply(), { parameters: { at: 1 }, continues: true });
  assert.deepEqual(await client.reply(), { parameters: { at: 3 } });
  client.unsentBytes = 0;
  client.send(long);
  assert.deepEqual(await client.reply(), { parameters: { at: 3 } });
  await client.close().served;
});

test("a service says what it is and what it understands", async () => {
  const client = new SampleClient(serviceOf());
  client.send({ method: "org.varlink.service.GetInfo" });
  const interfaces = ["io.systemd", "org.example.Thing", "org.varlink.service"];
  assert.deepEqual(await client.reply(), { parameters: { ...info, interfaces } });
  client.send({
    method: "org.varlink.service.GetInterfaceDescription",
    parameters: { interface: "org.example.Thing" },
  });
  assert.deepEqual(await client.reply(), {
    parameters: {
      description: [
        "# For tests\ninterface org.example.Thing\n",
        "# Two\ntype Pair(\n\ta: int,\n\tb: ?[]string\n)\n",
        "# Says it again\nmethod Echo(\n\tpair: Pair\n) -> (\n\tpair: Pair\n)\n",
        "# Takes its time\nmethod Long() -> ()\n",
        "# It broke\nerror Broken()\n",
      ].join("\n"),
    },
  });
  client.send({ method: "org.varlink.service.GetInterfaceDescription", parameters: { interface: "org.nope" } });
  assert.deepEqual(await client.reply(), {
    error: "org.varlink.service.InterfaceNotFound",
    parameters: { interface: "org.nope" },
  });
  await client.close().served;
});
