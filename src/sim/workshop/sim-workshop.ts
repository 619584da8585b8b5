// A workshop in memory: packages as tables of files, and programs that leave behind what the real ones would, in brief.
import { Fault } from "../../base/fault.ts";
import { toBytes, toHex } from "../../base/text.ts";
import type { FetchedPackage, ReleaseSigner, Workshop, WorkshopEntry } from "../../port/workshop.ts";

type Node =
  | { readonly kind: "folder"; mode: number }
  | { readonly kind: "file"; bytes: Uint8Array; mode: number }
  | { readonly kind: "link"; readonly target: string };

/** Files by path, as in `usr/bin/busybox`. */
export type SimPackage = Readonly<Record<string, string | Uint8Array>>;

export interface SimWorkshopOptions {
  /** By name; `linux-...` are those of the kernel. */
  readonly packages: Readonly<Record<string, SimPackage>>;
  /** Files of the host by absolute path, the recipe's among them. */
  readonly files?: Readonly<Record<string, string>>;
}

const modifiedSeconds = 1_700_000_000;

export class SimWorkshop implements Workshop {
  readonly scratch = "/output/.scratch";
  /** Programs as they were called. */
  readonly calls: (readonly string[])[] = [];
  readonly #packages: SimWorkshopOptions["packages"];
  readonly #tree = new Map<string, Node>();

  constructor({ packages, files = {} }: SimWorkshopOptions) {
    this.#packages = packages;
    this.#put(this.scratch, { kind: "folder", mode: 0o755 });
    for (const [path, text] of Object.entries(files))
      this.#put(path, { kind: "file", bytes: toBytes(text), mode: 0o644 });
  }

  /** What is in the output folder beside the scratch. */
  get output(): readonly string[] {
    return [...this.#tree.keys()]
      .filter((path) => path.startsWith("/output/") && !path.startsWith(this.scratch))
      .toSorted((a, b) => (a < b ? -1 : 1));
  }

  text(path: string): string {
    const node = this.#find(path);
    return node?.kind === "file" ? new TextDecoder().decode(node.bytes) : "";
  }

  async fetch(_suite: string, packages: readonly string[], only = ""): Promise<readonly FetchedPackage[]> {
    const unknown = packages.find((name) => this.#packages[name] === undefined);
    if (unknown !== undefined) throw new Fault("package-unknown", `Cannot fetch the package ${unknown}: there is none`);
    return packages
      .filter((name) => name.startsWith(only))
      .map((name) => ({ name, version: "1", file: `/cache/${name}` }));
  }

  async unpacked(packages: readonly FetchedPackage[]): Promise<string> {
    const folder = `/cache/${packages.map(({ name }) => name).join("+")}`;
    this.#put(`${folder}/usr`, { kind: "folder", mode: 0o755 });
    for (const { name } of packages)
      for (const [path, content] of Object.entries(this.#packages[name] ?? {}))
        this.#put(`${folder}/${path}`, {
          kind: "file",
          bytes: typeof content === "string" ? toBytes(content) : content,
          mode: 0o644,
        });
    return folder;
  }

  async run(program: string, args: readonly string[]): Promise<string> {
    this.calls.push([program, ...args]);
    const write = (path: string, text: string): void =>
      this.#put(path, { kind: "file", bytes: toBytes(text), mode: 0o600 });
    const value = (name: string): string =>
      args.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? "";
    if (program === "mkfs.erofs") write(args.at(-2) ?? "", `erofs of ${args.at(-1)}`);
    if (program === "ukify") write(value("output"), `UKI with ${value("cmdline")}`);
    if (program === "systemd-sbsign") write(value("output"), `signed ${args.at(-1)}`);
    if (program === "veritysetup") {
      write(args.at(-1) ?? "", "hashes");
      return `Root hash:      \t${"ab".repeat(32)}\n`;
    }
    return "";
  }

  runInside(_tree: string, program: string, args: readonly string[]): Promise<string> {
    return this.run(program, args);
  }

  async list(folder: string): Promise<readonly WorkshopEntry[]> {
    const below = `${folder}/`;
    return [...this.#tree]
      .filter(([path]) => path.startsWith(below))
      .map(([path, node]) => ({
        path: path.slice(below.length),
        kind: node.kind,
        mode: node.kind === "link" ? 0o777 : node.mode,
        sizeBytes: node.kind === "file" ? node.bytes.length : 0,
        modifiedSeconds,
        ...(node.kind === "link" ? { target: node.target } : {}),
      }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  async kindOf(path: string): Promise<"file" | "folder" | "absent"> {
    const node = this.#find(path);
    return node === undefined || node.kind === "link" ? "absent" : node.kind;
  }

  async read(path: string): Promise<Uint8Array> {
    const node = this.#find(path);
    if (node?.kind === "file") return node.bytes;
    throw new Fault("no-such-file", `Cannot read ${path}: it is not there`);
  }

  async write(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
    this.#put(path, { kind: "file", bytes: typeof bytes === "string" ? toBytes(bytes) : bytes, mode });
  }

  async setMode(path: string, mode: number): Promise<void> {
    const node = this.#find(path);
    if (node !== undefined && node.kind !== "link") node.mode = mode;
  }

  async link(path: string, target: string): Promise<void> {
    this.#put(path, { kind: "link", target });
  }

  async makeFolder(path: string): Promise<void> {
    this.#put(path, { kind: "folder", mode: 0o755 });
  }

  async remove(path: string): Promise<void> {
    for (const other of this.#tree.keys()) if (other === path || other.startsWith(`${path}/`)) this.#tree.delete(other);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.copyTree(from, to);
    const node = this.#tree.get(from);
    if (node !== undefined) this.#put(to, node);
    await this.remove(from);
  }

  share(from: string, to: string): Promise<void> {
    return this.copyFile(from, to);
  }

  async copyTree(from: string, to: string): Promise<void> {
    const below = [...this.#tree].filter(([path]) => path.startsWith(`${from}/`));
    for (const [path, node] of below) this.#put(`${to}${path.slice(from.length)}`, { ...node });
  }

  async copyFile(from: string, to: string): Promise<void> {
    this.#put(to, { kind: "file", bytes: await this.read(from), mode: 0o644 });
  }

  async compress(bytes: Uint8Array): Promise<Uint8Array> {
    return bytes;
  }

  /** No digest, but another one for other bytes, which is all that its users go by. */
  async sha256(path: string): Promise<string> {
    return toHex(await this.read(path))
      .padEnd(64, "0")
      .slice(-64);
  }

  async signer(keyFile: string): Promise<ReleaseSigner> {
    return {
      keyring: toBytes(`public ${keyFile}`),
      sign: async (bytes) => toBytes(`signature of ${bytes.length} bytes`),
    };
  }

  async flush(): Promise<void> {
    // Nothing is ever lost here.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove(this.scratch);
  }

  #find(path: string): Node | undefined {
    return this.#tree.get(path);
  }

  /** Folders above are made. */
  #put(path: string, node: Node): void {
    const parts = path.split("/");
    for (let length = 2; length < parts.length; length++) {
      const parent = parts.slice(0, length).join("/");
      if (!this.#tree.has(parent)) this.#tree.set(parent, { kind: "folder", mode: 0o755 });
    }
    this.#tree.set(path, node);
  }
}
