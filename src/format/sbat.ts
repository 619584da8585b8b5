// SBAT: generations of the programs that boot, and the lowest that is still taken (shim's SBAT.md; P12).
import { Fault } from "../base/fault.ts";

export type SbatFaultCode = "sbat-damaged";

export interface SbatLine {
  readonly component: string;
  readonly generation: number;
}

const bytesMax = 64 * 1024;
const linesMax = 512;

const damaged = (state: string): Fault<SbatFaultCode> => new Fault("sbat-damaged", `Cannot read SBAT: ${state}`);

/**
 * The first two fields of each line: of the section `.sbat` of an image, or of the variable SbatLevelRT. What follows
 * a NUL is padding. Throws `sbat-damaged` for a line that names no generation.
 */
export function parseSbat(text: string): readonly SbatLine[] {
  if (text.length > bytesMax) throw damaged(`it has ${text.length} characters`);
  const end = text.indexOf("\0");
  const lines = (end === -1 ? text : text.slice(0, end)).split(/\r?\n/).filter((line) => line !== "");
  if (lines.length > linesMax) throw damaged(`it has ${lines.length} lines`);
  return lines.map((line) => {
    const [component = "", generation = ""] = line.split(",");
    if (component === "" || component.length > 256 || !/^[0-9]{1,9}$/.test(generation))
      throw damaged("a line of it names no component and generation");
    return { component, generation: Number(generation) };
  });
}
