// Absolute paths of a machine as plain text: joining and taking apart, without ever leaving a folder.
import { Fault } from "./fault.ts";

export type PathFaultCode = "bad-path";

/** Joins a folder and a relative path; `..` and empty parts are refused, because names come from outside. */
export function joinPath(folder: string, relative: string): string {
  const parts = relative.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || relative.includes("\0")) {
    throw new Fault<PathFaultCode>("bad-path", `Cannot use the path ${JSON.stringify(relative)}: it leaves its folder`);
  }
  const base = folder === "/" ? "" : folder.replace(/\/+$/, "");
  return parts.length === 0 ? base || "/" : `${base}/${parts.join("/")}`;
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
