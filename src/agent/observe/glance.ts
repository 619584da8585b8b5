// One look at the machine: what is asked twice within it is answered once. The next look asks anew (P11).
import { Fault } from "../../base/fault.ts";
import type { Disk, MachinePath } from "../../port/disk.ts";
import type { Session } from "../session.ts";

/** For looking only, and for as long as one look takes. What files hold is read each time. */
export function glance(session: Session): Session {
  return { ...session, machine: { ...session.machine, disk: lookingOnce(session.machine.disk) } };
}

function lookingOnce(disk: Disk): Disk {
  return {
    list: once((path) => disk.list(path)),
    stat: once((path) => disk.stat(path)),
    resolve: once((path) => disk.resolve(path)),
    fileSystem: once((path) => disk.fileSystem(path)),
    readLink: disk.readLink.bind(disk),
    open: disk.open.bind(disk),
    rename: disk.rename.bind(disk),
    replace: disk.replace.bind(disk),
    symlink: disk.symlink.bind(disk),
    hardLink: disk.hardLink.bind(disk),
    remove: disk.remove.bind(disk),
    makeFolder: disk.makeFolder.bind(disk),
    removeFolder: disk.removeFolder.bind(disk),
    syncFolder: disk.syncFolder.bind(disk),
    setFolderMode: disk.setFolderMode.bind(disk),
    reserve: disk.reserve.bind(disk),
    setReadOnly: disk.setReadOnly.bind(disk),
    makeSubvolume: disk.makeSubvolume.bind(disk),
    removeSubvolume: disk.removeSubvolume.bind(disk),
  };
}

/** That something is absent is an answer as well; what failed in another way is asked again. */
function once<T>(ask: (path: MachinePath) => Promise<T>): (path: MachinePath) => Promise<T> {
  const known = new Map<MachinePath, Promise<T>>();
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const answer = ask(path);
    known.set(path, answer);
    answer.catch((error: unknown) => {
      const absent = error instanceof Fault && (error.code === "not-found" || error.code === "not-a-folder");
      if (!absent) known.delete(path);
    });
    return answer;
  };
}
