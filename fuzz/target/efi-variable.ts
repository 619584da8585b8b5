// An EFI variable as efivarfs gives it, and what the loader says of itself in one.
import { ok } from "node:assert/strict";
import { variableText } from "../../src/adapter/loader-variables/efi-variables.ts";
import { decoded, type Target } from "../target.ts";

const variable = (text: string): Uint8Array =>
  Buffer.concat([Buffer.from([7, 0, 0, 0]), Buffer.from(`${text}\0`, "utf16le")]);

export const target: Target = {
  name: "efi-variable",
  covers: ["src/adapter/loader-variables/efi-variables.ts#variableText"],
  lengthMax: 70_000,
  seeds: () => [
    variable("demo_5.efi"),
    variable("systemd-boot 257.7"),
    variable(""),
    new Uint8Array([7, 0, 0]),
    new Uint8Array(65_537),
  ],
  run(bytes) {
    const text = decoded(() => variableText("LoaderInfo", Buffer.from(bytes)));
    ok(text === undefined || (!text.includes("\0") && 2 * text.length <= bytes.length));
  },
};
