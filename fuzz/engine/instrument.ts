// Puts a counter at every edge of a module's control flow. Positions of lines stay, so stacks point at the sources.
import { parse, type AnyNode, type Program } from "acorn";

export interface Range {
  readonly first: number;
  readonly end: number;
}

export interface Instrumented {
  readonly code: string;
  /** Counters used: `first` up to, but without, `end`. */
  readonly end: number;
  /** Those of each function that is declared by name, what is inside of it included. */
  readonly functions: ReadonlyMap<string, Range>;
  /** Texts and numbers that the code compares with: words of the formats it reads. */
  readonly words: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
}

/** The global array of counters, one byte each, that instrumented code counts in. */
export const countersName = "$holdfastEdges";
const local = "$hf";

type Parsed = AnyNode | Program;

class Inserts {
  /** At one place: what closes inner nodes, then outer ones; then what opens outer nodes, then inner ones. */
  readonly #closing = new Map<number, string>();
  readonly #opening = new Map<number, string>();

  open(at: number, text: string): void {
    this.#opening.set(at, (this.#opening.get(at) ?? "") + text);
  }

  close(at: number, text: string): void {
    this.#closing.set(at, (this.#closing.get(at) ?? "") + text);
  }

  apply(source: string): string {
    const places = [...new Set([...this.#closing.keys(), ...this.#opening.keys()])].toSorted((a, b) => a - b);
    let code = "";
    let from = 0;
    for (const at of places) {
      code += source.slice(from, at) + (this.#closing.get(at) ?? "") + (this.#opening.get(at) ?? "");
      from = at;
    }
    return code + source.slice(from);
  }
}

class Instrumenter {
  readonly inserts = new Inserts();
  readonly words = new Set<string>();
  readonly numbers = new Set<number>();
  readonly functions = new Map<string, Range>();
  next: number;

  constructor(first: number) {
    this.next = first;
  }

  #count(): string {
    return `${local}[${this.next++}]++`;
  }

  /** Counts before a statement; where it stands alone it gets braces. */
  #statement(node: Parsed): () => void {
    if (node.type === "BlockStatement") {
      this.inserts.open(node.start + 1, `${this.#count()};`);
      return () => undefined;
    }
    this.inserts.open(node.start, `{${this.#count()};`);
    return () => this.inserts.close(node.end, "}");
  }

  #expression(node: Parsed): () => void {
    this.inserts.open(node.start, `(${this.#count()},`);
    return () => this.inserts.close(node.end, ")");
  }

  #body(body: Parsed): () => void {
    if (body.type !== "BlockStatement") return this.#expression(body);
    const directives = body.body.findLast(
      (item) => item.type === "ExpressionStatement" && item.directive !== undefined,
    );
    this.inserts.open(directives?.end ?? body.start + 1, `;${this.#count()};`);
    return () => undefined;
  }

  walk(node: Parsed): void {
    const first = this.next;
    const afterwards: (() => void)[] = [];
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        afterwards.push(this.#body(node.body));
        break;
      case "IfStatement":
        afterwards.push(this.#statement(node.consequent));
        if (node.alternate) afterwards.push(this.#statement(node.alternate));
        else afterwards.push(() => this.inserts.close(node.end, ` else {${this.#count()};}`));
        break;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "WhileStatement":
      case "DoWhileStatement":
        afterwards.push(this.#statement(node.body));
        break;
      case "SwitchCase":
        if (node.consequent[0] !== undefined) this.inserts.open(node.consequent[0].start, `${this.#count()};`);
        break;
      case "ConditionalExpression":
        afterwards.push(this.#expression(node.consequent), this.#expression(node.alternate));
        break;
      case "LogicalExpression":
      case "AssignmentPattern":
        afterwards.push(this.#expression(node.right));
        break;
      case "CatchClause":
        afterwards.push(this.#statement(node.body));
        break;
      case "Literal":
        this.#learn(node.value, node.regex?.pattern);
        break;
      case "TemplateElement":
        this.#learn(node.value.cooked, undefined);
        break;
      case "Property":
        if (node.key.type === "Identifier") this.words.add(node.key.name);
        break;
      default:
        break;
    }
    for (const child of childrenOf(node)) this.walk(child);
    // Braces that belong to an inner statement close before those of the outer one, and an `else` before both.
    for (const close of afterwards) close();
    if (node.type === "FunctionDeclaration" && node.id) this.functions.set(node.id.name, { first, end: this.next });
  }

  #learn(value: unknown, pattern: string | undefined): void {
    if (typeof value === "number") this.numbers.add(value);
    else if (typeof value === "string" && value.length > 0 && value.length <= 64) this.words.add(value);
    for (const [word] of (pattern ?? "").matchAll(/[A-Za-z][\w.:-]+/g)) this.words.add(word);
  }
}

function childrenOf(node: Parsed): Parsed[] {
  const found: Parsed[] = [];
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value])
      if (typeof item === "object" && item !== null && "type" in item && "start" in item) found.push(item as Parsed);
  }
  return found;
}

/** `source` is JavaScript; `first` the first free counter. Throws where the parser does. */
export function instrument(source: string, sourceType: "module" | "commonjs", first: number): Instrumented {
  const program = parse(source, {
    ecmaVersion: "latest",
    sourceType,
    allowHashBang: true,
    allowReturnOutsideFunction: true,
  });
  const instrumenter = new Instrumenter(first);
  instrumenter.walk(program);
  const directive = program.body.findLast(
    (item) => item.type === "ExpressionStatement" && item.directive !== undefined,
  );
  const top = directive?.end ?? /^#![^\n]*/.exec(source)?.[0].length ?? 0;
  instrumenter.inserts.close(top, `;const ${local}=${countersName};`);
  const { words, numbers, functions } = instrumenter;
  return { code: instrumenter.inserts.apply(source), end: instrumenter.next, functions, words, numbers };
}
