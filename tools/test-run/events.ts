// What the reporter inside a test run tells the process that counts.

/** One test that has ended; suites and the files themselves are not tests. */
export type TestEvent =
  | { readonly kind: "passed"; readonly name: string; readonly file: string }
  | { readonly kind: "failed"; readonly name: string; readonly file: string; readonly why: string }
  | { readonly kind: "skipped"; readonly name: string; readonly file: string; readonly why: string }
  | { readonly kind: "end" };

/** The parts of node:test's events that are looked at. */
export interface NodeTestData {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details?: { readonly type?: string; readonly error?: unknown };
}

/** Translates one event of node:test; undefined where it says nothing about a test. */
export function translate(type: string, data: NodeTestData): TestEvent | undefined {
  if (type !== "test:pass" && type !== "test:fail") return undefined;
  const { name, file = "", line, details, skip, todo } = data;
  const error = details?.error;
  const isFile = name === file || (file !== "" && file.endsWith(`/${name}`));
  if (type === "test:pass") {
    if (details?.type === "suite" || isFile) return undefined;
    const why = reasonOf(skip, "no reason given") ?? reasonOf(todo, "to do");
    return why === undefined ? { kind: "passed", name, file } : { kind: "skipped", name, file, why };
  }
  // A suite or a file fails for its tests, which are told on their own, or for something outside of them.
  const isContainer = details?.type === "suite" || isFile;
  if (isContainer && failureType(error) === "subtestsFailed") return undefined;
  return { kind: "failed", name, file: line === undefined ? file : `${file}:${line}`, why: describeError(error) };
}

function reasonOf(mark: string | boolean | undefined, otherwise: string): string | undefined {
  if (mark === undefined || mark === false) return undefined;
  return typeof mark === "string" && mark !== "" ? mark : otherwise;
}

function failureType(error: unknown): unknown {
  return typeof error === "object" && error !== null && "failureType" in error ? error.failureType : undefined;
}

/** The stack of the error a test threw, without the frames of Node itself. */
function describeError(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const lines = (cause.stack ?? cause.message).split("\n");
  return lines.filter((line) => !/^\s+at .*\bnode:/.test(line)).join("\n");
}
