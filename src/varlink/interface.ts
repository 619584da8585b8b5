// An interface of Varlink: its types, methods and errors, and its text as a client reads it.
import { type Fields, type NamedType, type NamedTypes, shapeText } from "./shape.ts";

export interface MethodDefinition {
  readonly comment: string;
  readonly input: Fields;
  readonly output: Fields;
}

export interface ErrorDefinition {
  readonly comment: string;
  readonly fields: Fields;
}

export interface Interface {
  /** Reverse domain name, and CamelCase at its end. */
  readonly name: string;
  readonly comment: string;
  readonly types: NamedTypes;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
  readonly errors: Readonly<Record<string, ErrorDefinition>>;
}

const columnsMax = 118;

/** Comment lines, each after `indent`. */
function commentText(comment: string | undefined, indent: string): string {
  if (comment === undefined) return "";
  const lines: string[] = [];
  let line = "";
  for (const word of comment.split(" ")) {
    if (line !== "" && indent.length + 2 + line.length + 1 + word.length > columnsMax) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((text) => `${indent}# ${text}\n`).join("");
}

function fieldsText(fields: Fields): string {
  const names = Object.entries(fields);
  if (names.length === 0) return "()";
  const lines = names.map(
    ([name, { shape, comment }]) => `${commentText(comment, "\t")}\t${name}: ${shapeText(shape)}`,
  );
  return `(\n${lines.join(",\n")}\n)`;
}

function typeText(type: NamedType): string {
  if (type.kind === "struct") return fieldsText(type.fields);
  const lines = Object.entries(type.values).map(([name, comment]) => `${commentText(comment, "\t")}\t${name}`);
  return `(\n${lines.join(",\n")}\n)`;
}

/** The definition in Varlink's own language. */
export function interfaceText({ name, comment, types, methods, errors }: Interface): string {
  const parts = [
    `${commentText(comment, "")}interface ${name}\n`,
    ...Object.entries(types).map(([own, type]) => `${commentText(type.comment, "")}type ${own}${typeText(type)}\n`),
    ...Object.entries(methods).map(
      ([own, { comment: what, input, output }]) =>
        `${commentText(what, "")}method ${own}${fieldsText(input)} -> ${fieldsText(output)}\n`,
    ),
    ...Object.entries(errors).map(
      ([own, { comment: what, fields }]) => `${commentText(what, "")}error ${own}${fieldsText(fields)}\n`,
    ),
  ];
  return parts.join("\n");
}
