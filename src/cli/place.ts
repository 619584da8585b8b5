// Paths of the command line: where they are on the host, and where inside the machine of `--root`.

/** A path seen from `folder`, absolute, without `.`, `..` and double slashes. */
function resolvePath(folder: string, text: string): string {
  const parts: string[] = [];
  for (const part of (text.startsWith("/") ? text : `${folder}/${text}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** A path of the host, absolute. */
export function hostPath(text: string, workingFolder: string): string {
  return resolvePath(workingFolder, text);
}

/**
 * A path of the machine, absolute and normalised. With a root, a path that leads into it from outside (as completion
 * in a shell writes it) means the same as one seen from inside.
 */
export function machinePath(text: string, root: string | undefined, workingFolder: string): string {
  const path = resolvePath(workingFolder, text);
  if (root === undefined || root === "/") return path;
  if (path === root) return "/";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : resolvePath("/", text);
}
