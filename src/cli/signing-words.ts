// The words of --sign-command: remembered, and started whenever something is published, from whatever folder that is.
import { commandLineWords } from "../domain/verity.ts";
import { hostPath } from "./place.ts";

/** A program that is named by a relative path becomes an absolute one; one without a slash is looked for in PATH. */
export function signingWords(text: string, workingFolder: string): readonly string[] {
  const [program, ...more] = commandLineWords(text);
  if (program === undefined) return [];
  return [program.includes("/") ? hostPath(program, workingFolder) : program, ...more];
}
