// The types of Varlink's interface definitions: what a value has to look like, and how the definition writes it down.
// Source: https://varlink.org/Interface-Definition, and how systemd 262 answers a value that does not fit.

export type Shape =
  | { readonly kind: "bool" | "int" | "float" | "string" | "object" }
  | { readonly kind: "list"; readonly of: Shape }
  /** May be absent or null. */
  | { readonly kind: "maybe"; readonly of: Shape }
  /** A type of the same interface. */
  | { readonly kind: "named"; readonly name: string };

export interface Field {
  readonly shape: Shape;
  readonly comment?: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** Every property of `T` has its field: one that is added to a report without one does not compile. */
export type FieldsOf<T> = { readonly [Name in keyof T]-?: Field };

export type NamedType =
  | { readonly kind: "struct"; readonly comment: string; readonly fields: Fields }
  | { readonly kind: "enum"; readonly comment: string; readonly values: Readonly<Record<string, string>> };

export type NamedTypes = Readonly<Record<string, NamedType>>;

export const bool: Shape = { kind: "bool" };
export const int: Shape = { kind: "int" };
export const string: Shape = { kind: "string" };
export const list = (of: Shape): Shape => ({ kind: "list", of });
export const maybe = (of: Shape): Shape => ({ kind: "maybe", of });
export const named = (name: string): Shape => ({ kind: "named", name });

export function field(shape: Shape, comment?: string): Field {
  return comment === undefined ? { shape } : { shape, comment };
}

/** As the definition writes it: `?[]string`. */
export function shapeText(shape: Shape): string {
  switch (shape.kind) {
    case "list":
      return `[]${shapeText(shape.of)}`;
    case "maybe":
      return `?${shapeText(shape.of)}`;
    case "named":
      return shape.name;
    default:
      return shape.kind;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fits(value: unknown, shape: Shape, types: NamedTypes): boolean {
  switch (shape.kind) {
    case "bool":
      return typeof value === "boolean";
    case "int":
      return Number.isSafeInteger(value);
    case "float":
      return typeof value === "number" && Number.isFinite(value);
    case "string":
      return typeof value === "string";
    case "object":
      return isObject(value);
    case "list":
      return Array.isArray(value) && value.every((item) => fits(item, shape.of, types));
    case "maybe":
      return value === null || fits(value, shape.of, types);
    case "named":
      return fitsNamed(value, types[shape.name], types);
  }
}

function fitsNamed(value: unknown, type: NamedType | undefined, types: NamedTypes): boolean {
  if (type === undefined) return false;
  if (type.kind === "enum") return typeof value === "string" && Object.hasOwn(type.values, value);
  return isObject(value) && misfit(value, type.fields, types) === undefined;
}

/**
 * The name of what does not fit: an unknown or wrong one in the order of the message first, then one that is absent.
 * `undefined`: all of it fits.
 */
export function misfit(
  value: Readonly<Record<string, unknown>>,
  fields: Fields,
  types: NamedTypes,
): string | undefined {
  for (const [name, item] of Object.entries(value)) {
    const expected = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (expected === undefined || !fits(item, expected.shape, types)) return name;
  }
  return Object.keys(fields).find((name) => fields[name]?.shape.kind !== "maybe" && !Object.hasOwn(value, name));
}
