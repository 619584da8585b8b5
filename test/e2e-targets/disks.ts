// Partitioned disks for tests: image files inside the machine's tree, and loop devices over them.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { nodeProcess } from "../../src/adapter/process/node-process.ts";
import { nodeVolumes } from "../../src/adapter/volumes/node-volumes.ts";
import type { PartitionTable } from "../../src/format/partition-table.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);
export const mebi = 1_048_576;

export const rootType = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
export const verityType = "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5";
export const genericType = "0fc63daf-8483-4772-8e79-3d69d8477de4";
/** HMAC-SHA256(type, application id) of interfaces D.3, worked out with another program. */
export const partialOfRoot = "7a01d3c6-92ac-43e9-bd77-5726b602ad9d";
export const pendingOfRoot = "64362e66-88a7-463b-b325-7af60c81be06";

export interface Slot {
  readonly label: string;
  readonly type?: string;
  readonly mebibytes?: number;
  readonly uuid?: string;
}

export interface Disk {
  /** What a definition calls it. */
  readonly device: string;
  table(): Promise<PartitionTable>;
  /** `NUMBER LABEL` of all partitions. */
  labels(): Promise<readonly string[]>;
  bytes(number: number, size: number): Promise<Buffer>;
  write(number: number, bytes: Uint8Array, at?: number): Promise<void>;
  change(number: number, ...settings: readonly string[]): Promise<void>;
}

/** Where the tests' tools are missing or not allowed; the reason of a skip. */
export class Unavailable extends Error {}

async function tool(program: string, args: readonly string[], stdin = ""): Promise<string> {
  const running = run(program, [...args]);
  // One that has ended already says so by its exit code; that nobody reads any more is no news.
  running.child.stdin?.on("error", () => undefined).end(stdin);
  const { stdout } = await running.catch((error: Error) => {
    throw new Unavailable(`${program} does not do that here: ${error.message}`);
  });
  return stdout;
}

export interface DiskOptions {
  readonly sectorSize?: 512 | 4096;
  readonly loop?: boolean;
}

/** A GPT disk with these partitions, each 4 MiB unless it says otherwise. */
export async function makeDisk(world: World, slots: readonly Slot[], options: DiskOptions = {}): Promise<Disk> {
  const { sectorSize = 512, loop = false } = options;
  const file = loop ? join(world.outside, `disk-${randomUUID()}`) : world.host("/disk");
  await writeFile(file, "");
  await truncate(file, (slots.reduce((sum, { mebibytes = 4 }) => sum + mebibytes, 0) + 4) * mebi);
  const lines = slots.map(
    ({ label, type = rootType, mebibytes = 4, uuid }) =>
      `size=${mebibytes}MiB, type=${type}, name="${label}"${uuid === undefined ? "" : `, uuid=${uuid}`}\n`,
  );
  const sectors = sectorSize === 512 || loop ? [] : [`--sector-size=${sectorSize}`];
  let host = file;
  if (loop) {
    host = (await tool("losetup", ["--find", "--show", `--sector-size=${sectorSize}`, file])).trim();
    world.cleanUp(() => run("losetup", ["--detach", host]));
  }
  await tool(
    "sfdisk",
    ["--quiet", "--no-tell-kernel", "--no-reread", ...sectors, host],
    `label: gpt\n${lines.join("")}`,
  );
  const device = loop ? host : "/disk";
  const volumes = nodeVolumes({ root: world.root, process: nodeProcess({ root: world.root }) });
  return {
    device,
    table: () => volumes.readTable(device),
    async labels() {
      return (await volumes.readTable(device)).partitions.map(({ number, label }) => `${number} ${label}`);
    },
    async bytes(number, size) {
      await using partition = await volumes.openPartition(device, number, "read");
      const bytes = Buffer.alloc(size);
      await partition.read(0, bytes);
      return bytes;
    },
    async write(number, bytes, at = 0) {
      await using partition = await volumes.openPartition(device, number, "modify");
      await partition.write(at, bytes);
      await partition.sync();
    },
    async change(number, ...settings) {
      for (const setting of settings) {
        const [key = "", value = ""] = setting.split("=");
        await tool("sfdisk", [
          "--quiet",
          "--no-reread",
          "--no-tell-kernel",
          ...sectors,
          `--part-${key}`,
          host,
          String(number),
          value,
        ]);
      }
    },
  };
}
