// What a kernel module says of itself: its name and the modules it needs first (.modinfo, as modinfo(8) prints it).

export interface KernelModule {
  readonly name: string;
  /** Names of modules, in the order in which they are to be loaded. */
  readonly needs: readonly string[];
}

const decoder = new TextDecoder("latin1");
const namesMax = 256;

/** `-` and `_` are one in names of modules. */
export function moduleName(text: string): string {
  return text.replaceAll("-", "_");
}

/**
 * Reads the strings of an uncompressed module; `fileName` is what it is called where it does not tell. Soft dependencies that
 * come before it count: crc32c for btrfs. Bytes that are no module need nothing.
 */
export function readKernelModule(fileName: string, bytes: Uint8Array): KernelModule {
  // The section is a run of NUL-separated `key=value`; looking for the keys spares us the section table.
  const text = decoder.decode(bytes);
  const values = (key: string): readonly string[] =>
    Array.from(text.matchAll(new RegExp(`\\0${key}=([^\\0]{0,4096})(?=\\0)`, "g")), ([, value]) => value ?? "").slice(
      0,
      64,
    );
  const hard = values("depends").flatMap((list) => list.split(","));
  const soft = values("softdep").flatMap(
    (list) => /(?:^| )pre: ((?:(?!\S+:)\S+ ?)*)/.exec(list)?.[1]?.split(" ") ?? [],
  );
  const names = [...hard, ...soft].map((name) => moduleName(name.trim())).filter((name) => /^\w{1,64}$/.test(name));
  const [told] = values("name");
  return {
    name: moduleName(told ?? fileName.replace(/\.ko$/, "")),
    needs: [...new Set(names)].slice(0, namesMax),
  };
}
