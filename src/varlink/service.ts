// What a service consists of, and how one call is answered: found, looked at, done, and its errors told.
import { ErrorReply, invalidParameter, methodNotFound } from "./error-reply.ts";
import { type Interface, interfaceText } from "./interface.ts";
import type { Call, Reply } from "./message.ts";
import { misfit } from "./shape.ts";
import { systemdErrors, varlinkService } from "./standard.ts";

/** How a call runs. */
export interface CallContext {
  /** Fires when the caller is gone, or when this process has to end. */
  readonly signal: AbortSignal;
  /** Sends a reply that is not the last one. */
  readonly send: (parameters: object) => void;
}

export interface MethodCall extends CallContext {
  /** As the definition has them; what may be absent may be null too. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Returns the parameters of the reply, or throws an ErrorReply. */
export type Method = (call: MethodCall) => Promise<object>;

export interface Implementation {
  readonly definition: Interface;
  readonly methods: Readonly<Record<string, Method>>;
  /** Whatever else a method throws, as an error that its caller can read. */
  readonly errorOf: (thrown: unknown) => ErrorReply;
}

export interface ServiceInfo {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly url: string;
}

export interface Service {
  answer(call: Call, context: CallContext): Promise<Reply>;
}

/** `own`, and the two interfaces that every service has. */
export function makeService(info: ServiceInfo, own: readonly Implementation[]): Service {
  const definitions = [...own.map(({ definition }) => definition), systemdErrors, varlinkService].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const implementations = [...own, aboutService(info, definitions)];
  return { answer: async (call, context) => answer(implementations, call, context) };
}

function aboutService(info: ServiceInfo, definitions: readonly Interface[]): Implementation {
  return {
    definition: varlinkService,
    methods: {
      GetInfo: async () => ({ ...info, interfaces: definitions.map(({ name }) => name) }),
      GetInterfaceDescription: async ({ parameters }) => {
        const wanted = parameters["interface"];
        const definition = definitions.find(({ name }) => name === wanted);
        if (definition !== undefined) return { description: interfaceText(definition) };
        throw new ErrorReply("org.varlink.service.InterfaceNotFound", { interface: wanted });
      },
    },
    errorOf(bug) {
      throw bug;
    },
  };
}

async function answer(all: readonly Implementation[], call: Call, context: CallContext): Promise<Reply> {
  const dot = Math.max(call.method.lastIndexOf("."), 0);
  const found = all.find(({ definition }) => definition.name === call.method.slice(0, dot));
  const name = call.method.slice(dot + 1);
  const method = found !== undefined && Object.hasOwn(found.methods, name) ? found.methods[name] : undefined;
  if (found === undefined || method === undefined) return told(methodNotFound(call.method));
  // Who asks for an upgrade and is answered as usual takes the connection for one of another protocol from then on.
  if (call.upgrade) return told(new ErrorReply("org.varlink.service.MethodNotImplemented", { method: call.method }));
  const { definition, errorOf } = found;
  const wrong = misfit(call.parameters, definition.methods[name]?.input ?? {}, definition.types);
  if (wrong !== undefined) return told(invalidParameter(wrong));
  const send = call.more ? context.send : (): void => undefined;
  try {
    return { parameters: await method({ parameters: call.parameters, signal: context.signal, send }) };
  } catch (thrown) {
    return told(thrown instanceof ErrorReply ? thrown : errorOf(thrown));
  }
}

function told({ error, parameters }: ErrorReply): Reply {
  return parameters === undefined ? { error } : { error, parameters };
}
