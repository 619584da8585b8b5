// Which old file a new one comes from: the same path, or the same but for its numbers (sonames, folders of kernel
// modules), of several the one whose size is nearest.
import type { ErofsFile } from "../../format/erofs/read-erofs.ts";

/** For each new file the place of its old one, or -1. */
export function pairFiles(olds: readonly ErofsFile[], news: readonly ErofsFile[]): Int32Array {
  const byPath = new Map<string, number>();
  const alike = new Map<string, number[]>();
  olds.forEach(({ path }, index) => {
    byPath.set(path, index);
    const key = withoutNumbers(path);
    const same = alike.get(key);
    if (same === undefined) alike.set(key, [index]);
    else same.push(index);
  });
  const distance = (left: number, right: ErofsFile): number =>
    Math.abs((olds[left] as ErofsFile).sizeBytes - right.sizeBytes);
  return Int32Array.from(news, (file) => {
    const same = byPath.get(file.path);
    if (same !== undefined) return same;
    const candidates = alike.get(withoutNumbers(file.path)) ?? [];
    return candidates.reduce(
      (best, index) => (best < 0 || distance(index, file) < distance(best, file) ? index : best),
      -1,
    );
  });
}

function withoutNumbers(path: string): string {
  return path.replaceAll(/\d+/g, "0");
}
