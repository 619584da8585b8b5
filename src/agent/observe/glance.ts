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
    readLink: (path) => disk.readLink(path),
    open: (path, mode) => disk.open(path, mode),
    rename: (from, to) => disk.rename(from, to),
    replace: (from, to) => disk.replace(from, to),
    symlink: (target, path, owner) => disk.symlink(target, path, owner),
    hardLink: (existing, path) => disk.hardLink(existing, path),
    remove: (path) => disk.remove(path),
    makeFolder: (path) => disk.makeFolder(path),
    removeFolder: (path) => disk.removeFolder(path),
    syncFolder: (folder) => disk.syncFolder(folder),
    setFolderMode: (folder, mode, uid, gid) => disk.setFolderMode(folder, mode, uid, gid),
    reserve: (path, sizeBytes) => disk.reserve(path, sizeBytes),
    setReadOnly: (path, readOnly) => disk.setReadOnly(path, readOnly),
    makeSubvolume: (path) => disk.makeSubvolume(path),
    removeSubvolume: (path) => disk.removeSubvolume(path),
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
