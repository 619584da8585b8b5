// What a program sends to our sockets: cut into messages, read as calls, and held against what the interfaces take.
import { deepEqual, ok } from "node:assert/strict";
import { callerOfInstance, unknownCaller } from "../../src/varlink/caller.ts";
import { messageBytes, messageBytesMax, MessageReader, readCall } from "../../src/varlink/message.ts";
import { misfit } from "../../src/varlink/shape.ts";
import { varlinkService } from "../../src/varlink/standard.ts";
import { sysUpdateInterface } from "../../src/varlink/sys-update.ts";
import { updateInterface } from "../../src/varlink/update-interface.ts";
import { decoded, type Target } from "../target.ts";

const interfaces = [varlinkService, sysUpdateInterface, updateInterface];

/** What a method is given fits its definition, so it must be an object with those names only. */
function look(text: string): void {
  const call = decoded(() => readCall(text));
  if (call === undefined) return;
  const dot = call.method.lastIndexOf(".");
  const found = interfaces.find(({ name }) => name === call.method.slice(0, Math.max(dot, 0)));
  const method = call.method.slice(dot + 1);
  if (found === undefined || !Object.hasOwn(found.methods, method)) return;
  const input = found.methods[method]?.input ?? {};
  if (misfit(call.parameters, input, found.types) !== undefined) return;
  ok(Object.keys(call.parameters).every((name) => Object.hasOwn(input, name)));
  const [again = ""] = new MessageReader().push(messageBytes({ method: call.method, parameters: call.parameters }));
  deepEqual(readCall(again).parameters, call.parameters);
}

export const target: Target = {
  name: "varlink",
  covers: ["src/varlink/message.ts", "src/varlink/shape.ts#misfit", "src/varlink/caller.ts#callerOfInstance"],
  seeds: () => [
    '\x07{"method":"org.varlink.service.GetInfo"}\0',
    '\x05{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"io.systemd"},"more":true}\0',
    '\x10{"method":"io.systemd.SysUpdate.CheckNew","parameters":{"target":{"class":"component","name":"a"}}}\0{"method":"a.B"}\0',
    '\x20{"method":"org.holdfast.Update.Update","parameters":{"version":null,"acquireOnly":false},"oneway":true}\0',
    '\x03{"method":"org.holdfast.Update.History","parameters":{"last":3}}\0',
    "\x013-8211-1234_5678-1000",
  ],
  run(bytes) {
    // The first byte says in pieces of which size the others come.
    const size = Math.max(1, bytes[0] ?? 1);
    const rest = bytes.subarray(1);
    const cut: string[] = [];
    const reader = new MessageReader();
    decoded(() => {
      for (let at = 0; at < rest.length; at += size) cut.push(...reader.push(rest.subarray(at, at + size)));
    });
    ok(reader.pendingBytes <= messageBytesMax + size);
    const whole: string[] = [];
    decoded(() => whole.push(...new MessageReader().push(rest)));
    // Who was told in pieces heard all that came before the first fault, and nothing else.
    deepEqual(whole, cut.slice(0, whole.length));
    for (const text of cut) look(text);
    const caller = callerOfInstance(new TextDecoder().decode(rest));
    ok(caller === unknownCaller || (caller.pid < 1e10 && caller.uid < 1e10));
  },
};
