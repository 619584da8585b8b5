// An error as Varlink sends it, and those that any method may answer with.

/** Thrown by a method: the caller gets it as its reply. */
export class ErrorReply extends Error {
  /** With its interface. */
  readonly error: string;
  readonly parameters: Readonly<Record<string, unknown>> | undefined;

  constructor(error: string, parameters?: Readonly<Record<string, unknown>>) {
    super(error);
    this.error = error;
    this.parameters = parameters;
  }
}

export function invalidParameter(parameter: string): ErrorReply {
  return new ErrorReply("org.varlink.service.InvalidParameter", { parameter });
}

export function methodNotFound(method: string): ErrorReply {
  return new ErrorReply("org.varlink.service.MethodNotFound", { method });
}

/** As the kernel numbers it (errno.h). */
const numbers = { EINVAL: 22, EIO: 5, EBUSY: 16, EPERM: 1, ECANCELED: 125, ESTALE: 116 } as const;

export type ErrorNumber = keyof typeof numbers;

export function systemError(errnoName: ErrorNumber): ErrorReply {
  return new ErrorReply("io.systemd.System", { origin: "linux", errno: numbers[errnoName], errnoName });
}
