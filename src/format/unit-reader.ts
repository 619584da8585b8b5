// Lays a definition and its drop-ins over one another and hands each assignment to the reader of its key.
import { Fault } from "../base/fault.ts";
import { expandSpecifiers, type Specifiers } from "./specifier.ts";
import { type Assignment, parseBoolean, parseUnit, type UnitSource, unitFault, type Warning } from "./unit-file.ts";

/** One assignment, with the ways in which systemd reads values. Each reader returns undefined for "leave unset". */
export class Setting {
  readonly at: Assignment;
  readonly #specifiers: Specifiers;
  readonly #warnings: Warning[];

  constructor(at: Assignment, specifiers: Specifiers, warnings: Warning[]) {
    this.at = at;
    this.#specifiers = specifiers;
    this.#warnings = warnings;
  }

  get value(): string {
    return this.at.value;
  }

  get isReset(): boolean {
    return this.at.value === "";
  }

  /** What systemd logs about a value it ignores. */
  ignore(state: string): undefined {
    const { file, line, section, key, value } = this.at;
    const shown = value.length > 80 ? `${value.slice(0, 80)}...` : value;
    this.#warnings.push({ file, line, message: `[${section}] ${key}=${shown} ${state}, ignored` });
    return undefined;
  }

  /** The value with its specifiers expanded. An unknown one is a Fault: a half-expanded path names another place. */
  expanded(): string {
    try {
      return expandSpecifiers(this.at.value, this.#specifiers);
    } catch (cause) {
      if (cause instanceof Fault) throw unitFault("specifier-unknown", this.at, cause.message, cause);
      throw cause;
    }
  }

  boolean(): boolean | undefined {
    if (this.isReset) return undefined;
    return parseBoolean(this.at.value) ?? this.ignore("is no boolean");
  }

  /** A whole number of at most 2^53-1. */
  count(): number | undefined {
    if (this.isReset) return undefined;
    const value = /^[0-9]{1,16}$/.test(this.at.value) ? Number(this.at.value) : Number.NaN;
    return Number.isSafeInteger(value) ? value : this.ignore("is no number");
  }

  /** An http or https URL with specifiers expanded. */
  url(): string | undefined {
    const text = this.expanded();
    return isHttpUrl(text) ? text : this.ignore("is no http or https URL");
  }
}

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[\x21-\x7e]+$/i.test(text);
}

export type KeyReaders = Readonly<Record<string, (setting: Setting) => void>>;

/**
 * Reads `sources` (the definition, then its drop-ins, in order) by the table of keys, named "Section.Key". Keys that
 * are not in the table become warnings unless they start with "X-".
 */
export function readUnits(sources: readonly UnitSource[], keys: KeyReaders, specifiers: Specifiers): Warning[] {
  const sections = new Set(Object.keys(keys).map((key) => key.slice(0, key.indexOf("."))));
  const all: Warning[] = [];
  for (const source of sources) {
    const { assignments, warnings } = parseUnit(source, sections);
    for (const at of assignments) {
      const name = `${at.section}.${at.key}`;
      const read = Object.hasOwn(keys, name) ? keys[name] : undefined;
      if (read !== undefined) read(new Setting(at, specifiers, warnings));
      else if (!at.key.startsWith("X-"))
        warnings.push({ file: at.file, line: at.line, message: `Unknown key ${at.key} in [${at.section}], ignored` });
    }
    all.push(...warnings.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  return all;
}
