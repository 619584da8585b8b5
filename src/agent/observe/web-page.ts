// What captive portals and proxies send with status 200 instead of the file asked for (E36).

export const portalHint: string =
  "A login page of the network or a proxy may stand between; open the address in a browser.";

/** Judged by how it begins. */
export function looksLikeWebPage(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 512)).trimStart().toLowerCase();
  return ["<!doctype", "<html", "<?xml"].some((begin) => start.startsWith(begin));
}
