// Records every write of a file system that is mounted on the host: qemu-storage-daemon shows an image as a file through
// FUSE, passes what is written to it on to the image, and keeps the log (boot-lab).
import { spawn } from "node:child_process";
import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Generous: the machine may do other things too. */
const waitMsMax = 120_000;

/** Runs `work` on a file that stands for the image; `log` then tells what was written. Needs root and /dev/fuse. */
export async function recordWrites<T>(image: string, log: string, work: (device: string) => Promise<T>): Promise<T> {
  const device = `${image}.device`;
  const ready = `${image}.pid`;
  await rm(ready, { force: true });
  for (const path of [device, log]) await writeFile(path, "");
  const daemon = spawn(
    "qemu-storage-daemon",
    [
      "--blockdev",
      `driver=file,node-name=image-file,filename=${image}`,
      "--blockdev",
      "driver=raw,node-name=image,file=image-file",
      "--blockdev",
      `driver=file,node-name=log,filename=${log}`,
      "--blockdev",
      "driver=blklogwrites,node-name=recorded,file=image,log=log,log-sector-size=512",
      "--export",
      `type=fuse,id=export,node-name=recorded,mountpoint=${device},writable=on`,
      "--pidfile",
      ready,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let complaints = "";
  daemon.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const gone = new Promise<void>((resolve) =>
    daemon
      .once("error", (error) => {
        complaints += error.message;
        resolve();
      })
      .once("exit", () => resolve()),
  );
  const kill = (): void => void daemon.kill("SIGKILL");
  process.once("exit", kill);
  try {
    const isShown = await Promise.race([isReady(ready, device), gone.then(() => false)]);
    if (!isShown) throw new Error(`Cannot record writes: ${complaints.trim().split("\n").at(-1)}`);
    return await work(device);
  } finally {
    daemon.kill("SIGTERM");
    await gone;
    process.off("exit", kill);
    await rm(ready, { force: true });
    await rm(device, { force: true });
  }
}

/** Why nothing can be recorded here, without FUSE for one; `undefined`: it can. */
export async function whyNotRecordable(folder: string): Promise<string | undefined> {
  const [image, log] = [join(folder, "probe"), join(folder, "probe.log")];
  try {
    await writeFile(image, "");
    await truncate(image, 1 << 20);
    await recordWrites(image, log, async () => undefined);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    for (const path of [image, log]) await rm(path, { force: true });
  }
}

/** The pid file is written after the exports are there. */
async function isReady(pidFile: string, device: string): Promise<boolean> {
  for (const end = performance.now() + waitMsMax; performance.now() < end; await sleep(20)) {
    const pid = await readFile(pidFile, "utf8").catch(() => "");
    if (pid.trim() !== "" && (await stat(device)).size > 0) return true;
  }
  return false;
}
